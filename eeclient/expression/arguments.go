package expression

import (
	"maps"
	"slices"
)

// A filler fills in the open references to one name.
type filler struct {
	node []byte // {"constantValue": …}, or nil
	uses int    // how many references it fills in
}

// A constant is made a ValueNode by what stands before and after it.
const (
	constantPrefix = `{"constantValue":`
	constantSuffix = `}`
)

// value returns the constant without what makes it a ValueNode.
func (f *filler) value() []byte {
	return f.node[len(constantPrefix) : len(f.node)-len(constantSuffix)]
}

// filled reports whether a node is an open reference that has been filled in.
func (s *scanner) filled(v *node) bool {
	return v.kind == kindOpen && s.fillers != nil && s.fillers[v.link].node != nil
}

// settle fills in the references that scope has found open. It finds fault with
// those that no argument is given for, with those that are bound on some paths
// only, and with the arguments that nothing is open for.
func (s *scanner) settle(arguments map[string][]byte) {
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
	if s.unsettled {
		s.settleNodes()
	}
	for _, name := range given {
		if n := s.nameNumber(name); n == none || s.fillers[n].uses == 0 {
			s.found.addArgument(name, ruleNotOpen)
		}
	}
}

// constantNode returns the ValueNode of the value of an argument.
func (s *scanner) constantNode(name string, value []byte) []byte {
	if reason := malformation(value); reason != "" {
		s.found.addArgument(name, ruleNotConstant, reason)
		value = []byte("null")
	}
	return slices.Concat([]byte(constantPrefix), value, []byte(constantSuffix))
}

// malformation says why a value is no JSON that can stand in an expression, or
// returns an empty string.
func malformation(value []byte) string {
	s := scanners.Get().(*scanner)
	defer s.release()
	s.data = value
	s.found.step()
	end := s.run(0, roleAny)
	switch {
	case end < 0:
		return s.syntax.Reason
	case skipSpace(value, end) < len(value):
		return "the text goes on after the value"
	case len(s.found.list) > 0:
		return "a key is given twice in one object"
	}
	return ""
}

// settleNodes is settle for the references, in the order of the document.
func (s *scanner) settleNodes() {
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
			s.fillers[v.link].uses++
			if added += len(s.fillers[v.link].node); added > MaxFilledBytes && added-len(s.fillers[v.link].node) <= MaxFilledBytes {
				s.addNamed(v, ruleFilledTooLarge)
			}
		}
	}
}

// addNamed finds fault with a reference to the name of an argument.
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

// parts returns the first n bytes of the input with the open references filled
// in.
func (s *scanner) parts(n int) [][]byte {
	parts := [][]byte{s.data[:n]}
	if s.fillers == nil {
		return parts
	}
	from := 0
	parts = parts[:0]
	for i := range s.nodes {
		if v := &s.nodes[i]; v.kind == kindOpen {
			parts = append(parts, s.data[from:v.start], s.fillers[v.link].node)
			from = s.endOf(v)
		}
	}
	return append(parts, s.data[from:n])
}

// endOf returns the index after the node of an argumentReference. Beside that
// it may hold fields that are null.
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
