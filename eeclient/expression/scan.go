package expression

// A frame is an object or a list that is open.
type frame struct {
	role  role
	end   byte       // the byte that closes it
	ask   bool       // closeObject has something to check
	given uint16     // bits of the fields that occurred
	set   uint16     // bits of those that were not null
	node  int32      // the ValueNode it is or belongs to
	start uint32     // where it begins
	key   uint32     // where the key of the member at hand begins; 0 between members
	index int32      // of the element at hand, or none
	keys  uint32     // how many keys were open before its own
	args  uint32     // how many arguments were pending before its own
	taken uint32     // bits of the params of sig that are given
	sig   *signature // of the function that it invokes, if that is known
}

// has reports whether a field has been set.
func (f *frame) has(number uint8) bool { return f.set>>number&1 != 0 }

// A scanner reads one expression and checks it. Its memory is reused for other
// expressions.
type scanner struct {
	data   []byte
	level  Level
	at     int    // a position that reading has reached
	arena  []byte // unescaped text; see span
	syntax *SyntaxError
	found  findings

	stack   []frame
	open    keySet    // keys of the objects in stack
	pending []pending // arguments of the invocations in stack
	unknown keySet    // names of functions that are not known
	meant   []string  // per name in unknown: the function that is meant, or ""

	graph
	walk
	scopes
	locator
	signatures map[string]*signature // that have been looked up
	fillers    []filler              // per name, if there are arguments
	followed   []bool                // per key; see follow
	siblings   []int32               // per node; see elements
	forest     forest
	treesAt    int    // how many frames are open where strings are texts of trees, or none
	classifier string // see Result
}

// run reads the value at i, which has a role, and returns the index after it, or
// -1 with s.syntax set.
//
// Each turn of the outer loop reads a scalar or the opening of a container;
// the inner loop then closes what ends there and finds the next value.
func (s *scanner) run(i int, r role) int {
	data := s.data
next:
	for {
		i = skipSpace(data, i)
		if i >= len(data) {
			return s.truncated()
		}
		if i >= s.due {
			s.pass(i)
		}
		switch c := data[i]; c {
		case '"':
			if len(s.stack) == s.treesAt {
				if i = s.forest.text(i, i); i < 0 {
					return -1
				}
				break
			}
			end, plain := s.str(i)
			if end < 0 {
				return -1
			}
			if r != roleAny {
				s.string(r, i, end, plain)
			}
			i = end
		case '{', '[':
			var ok bool
			if r, ok = s.push(r, i, c); !ok {
				return -1
			}
			if i = skipSpace(data, i+1); i >= len(data) {
				return s.truncated()
			}
			if data[i] == c+2 {
				break // empty
			}
			if c == '[' {
				s.stack[len(s.stack)-1].index = 0
				r = r.element()
				continue
			}
			if i, r = s.member(i); i < 0 {
				return -1
			}
			continue
		case 't', 'f', 'n':
			end := s.literal(i)
			if end < 0 {
				return -1
			}
			if r != roleAny {
				s.literalValue(r, i)
			}
			i = end
		default:
			end := s.number(i)
			if end < 0 {
				return -1
			}
			if r != roleAny {
				s.numberValue(r, i, end)
			}
			i = end
		}
		for len(s.stack) > 0 {
			i = skipSpace(data, i)
			if i >= len(data) {
				return s.truncated()
			}
			f := &s.stack[len(s.stack)-1]
			switch c := data[i]; {
			case c == f.end:
				if f.ask || len(s.open.keys)-int(f.keys) > smallObject {
					s.closeObject(f)
				}
				s.open.keys = s.open.keys[:f.keys]
				s.stack = s.stack[:len(s.stack)-1]
				i++
			case c != ',' && f.end == ']':
				return s.fail(i, "expected a comma or ]")
			case c != ',':
				return s.fail(i, "expected a comma or }")
			case f.end == ']':
				r = f.role.element()
				f.index++
				i++
				continue next
			default:
				if i, r = s.member(skipSpace(data, i+1)); i < 0 {
					return -1
				}
				continue next
			}
		}
		return i
	}
}

// skip returns the index after a value that has been read before.
func (s *scanner) skip(i int) int {
	found := s.found
	s.found.room = 0
	i = s.run(i, roleAny)
	s.found = found
	return i
}

// push opens the container that c begins, in place of a value of role r, and
// returns its own role.
func (s *scanner) push(r role, at int, c byte) (role, bool) {
	depth := len(s.stack)
	if depth >= maxDepth {
		s.fail(at, "this is nested too deeply")
		return 0, false
	}
	if depth == cap(s.stack) {
		reserve(s, &s.stack, 1, maxDepth)
	}
	s.stack = s.stack[:depth+1]
	f := &s.stack[depth]
	f.role, f.end, f.given, f.set = r.container(c), c+2, 0, 0
	f.ask = f.role.asks()
	f.node, f.start, f.key, f.index, f.keys = 0, uint32(at), 0, none, uint32(len(s.open.keys))
	f.args, f.taken, f.sig = uint32(len(s.pending)), 0, nil
	if depth > 0 {
		f.node = s.stack[depth-1].node
	}
	switch {
	case f.role == roleNode:
		if f.node = s.newNode(at, depth); f.node == none {
			f.role, f.ask = roleAny, false
		}
	case f.role == roleDefinition:
		s.nodes[f.node].link = int32(len(s.defs))
		s.defs = append(s.defs, definition{body: none})
	case f.role == roleArgumentNames:
		s.defs[len(s.defs)-1].names = uint32(at)
	case r != f.role && r != roleConstant:
		s.refuse(r, at, depth)
	}
	return f.role, true
}

// closeObject checks what can only be checked at the end of an object, and takes
// its keys out of the table if they are in it.
func (s *scanner) closeObject(f *frame) {
	s.open.truncate(s, int(f.keys))
	if !f.ask {
		return
	}
	switch f.role {
	case roleInvocation:
		s.endInvocation(f)
	case roleNode:
		if s.nodes[f.node].kind == 0 {
			s.found.add(int(f.start), ruleEmptyNode)
		}
		s.treesAt = none
	case roleDefinition:
		if !f.has(fieldBody) {
			s.found.addMissing(int(f.start), ".body", ruleRequired, "the key of the entry that the function evaluates")
		}
	case roleExpression:
		s.endExpression(f)
	}
}
