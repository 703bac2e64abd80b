package expression

import (
	"maps"
	"slices"
)

// A filler is what replaces the open references of one name.
type filler struct {
	node []byte // {"constantValue": …}, or nil if there is no such argument
	uses int    // how many references it replaces

	followed bool // see follow
}

// constantPrefix and constantSuffix make a ValueNode of a JSON value.
const (
	constantPrefix = `{"constantValue":`
	constantSuffix = `}`
)

// value returns the JSON value in a filler's node.
func (f *filler) value() []byte {
	return f.node[len(constantPrefix) : len(f.node)-len(constantSuffix)]
}

// filled reports whether a node is an open reference that is filled in.
func (s *scanner) filled(v *node) bool {
	return v.kind == kindOpen && s.fillers != nil && s.fillers[v.link].node != nil
}

// fillIn fills in the open references. It refuses those without an argument,
// those that are bound on some paths only, and the arguments that no reference is
// open for.
func (s *scanner) fillIn(arguments map[string][]byte) {
	s.found.step()
	if len(arguments) > MaxArguments {
		s.found.addArgument("", ruleTooManyArguments)
		return
	}
	given := slices.Sorted(maps.Keys(arguments))
	if len(given) > 0 {
		s.fillers = make([]filler, len(s.names.keys))
	}
	for _, name := range given {
		if n := s.nameNumber(name); n != none {
			s.fillers[n].node = s.constantNode(name, arguments[name])
		}
	}
	if s.hasUnbound {
		s.fillNodes()
	}
	for _, name := range given {
		if n := s.nameNumber(name); n == none || s.fillers[n].uses == 0 {
			s.found.addArgument(name, ruleNotOpen)
		}
	}
}

// constantNode returns the ValueNode for the value of an argument.
func (s *scanner) constantNode(name string, value []byte) []byte {
	if reason := constantFault(value); reason != "" {
		s.found.addArgument(name, ruleNotConstant, reason)
		value = []byte("null")
	}
	return slices.Concat([]byte(constantPrefix), value, []byte(constantSuffix))
}

// constantFault returns why a value cannot be a constant of an expression, or an
// empty string.
func constantFault(value []byte) string {
	s := scanners.Get().(*scanner)
	defer s.release()
	s.data = value
	s.found.step()
	end := s.run(0, roleAny)
	switch {
	case end < 0:
		return s.syntax.Reason
	case skipSpace(value, end) < len(value):
		return "more text follows the value"
	case len(s.found.list) > 0:
		return "a key is given twice in one object"
	}
	return ""
}

// fillNodes is fillIn for the references, in the order of the document.
func (s *scanner) fillNodes() {
	added := 0
	for i := range s.nodes {
		v := &s.nodes[i]
		switch {
		case v.kind == kindPartlyBound:
			s.addNamed(v, rulePartlyBound)
		case v.kind != kindOpen:
		case s.fillers == nil:
			s.addNamed(v, ruleUnbound)
		case s.fillers[v.link].node == nil:
			s.addNamed(v, ruleNotGiven)
		default:
			f := &s.fillers[v.link]
			f.uses++
			if added <= MaxFilledBytes {
				if added += len(f.node); added > MaxFilledBytes {
					s.addNamed(v, ruleFilledTooLarge)
				}
			}
		}
	}
}

// addNamed adds a finding about an argumentReference.
func (s *scanner) addNamed(v *node, r rule) {
	if !s.found.full() {
		s.found.add(int(v.at), r, s.bytes(s.names.keys[v.link]))
	}
}

// nameNumber returns the number of a name that is referred to, or none.
func (s *scanner) nameNumber(name string) int {
	at := len(s.arena)
	s.arena = append(s.arena, name...)
	n := s.names.find(s, 0, span{uint32(at) | inArena, uint32(len(name))})
	s.arena = s.arena[:at]
	return n
}

// parts returns the expression, of n bytes, with the open references filled in.
func (s *scanner) parts(n int) (parts [][]byte) {
	count, size := 0, 0
	s.splice(n, func(part []byte) { count, size = count+1, size+len(part) })
	if count > size/minPart {
		joined := make([]byte, 0, size)
		s.splice(n, func(part []byte) { joined = append(joined, part...) })
		return [][]byte{joined}
	}
	parts = make([][]byte, 0, count)
	s.splice(n, func(part []byte) { parts = append(parts, part) })
	return parts
}

// minPart is the mean size of parts that take less memory than a copy of them.
const minPart = 1 << 10

// splice calls add with each part in order.
func (s *scanner) splice(n int, add func(part []byte)) {
	from := 0
	for i := range s.nodes {
		if v := &s.nodes[i]; v.kind == kindOpen {
			add(s.data[from:v.start])
			add(s.fillers[v.link].node)
			from = s.endOf(v)
		}
	}
	add(s.data[from:n])
}

// endOf returns the index after the node of an argumentReference. The node may
// hold other fields that are null.
func (s *scanner) endOf(v *node) int {
	i, _ := s.str(int(v.at))
	for s.data[i] != '}' {
		if s.data[i] == '"' {
			i, _ = s.str(i)
		} else {
			i++
		}
	}
	return i + 1
}
