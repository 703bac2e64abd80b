package expression

import (
	"strconv"

	"example.com/eeexport/eeclient/text"
)

// checkTrees checks the constant texts of decision trees that were not checked
// while they were read.
func (s *scanner) checkTrees() {
	s.found.step()
	s.startFollowing()
	f := &s.forest
	for _, call := range s.trees {
		f.trees = 0
		n := s.follow(s.nodes[call].link, true)
		switch {
		case n == none:
		case s.nodes[n].kind == kindArray:
			s.elements(n, func(e int32) {
				if e = s.follow(e, true); e != none {
					f.constant(&s.nodes[e])
				}
			})
		default:
			f.constant(&s.nodes[n])
		}
	}
}

// givesTrees reports whether f, the ValueNode on top of the stack, is the argument
// that a function parses as trees.
func (s *scanner) givesTrees(f *frame) bool {
	if n := len(s.stack); n > 2 && s.stack[n-2].role == roleArguments {
		call := &s.stack[n-3]
		return call.sig != nil && call.sig.does == parsesTrees && s.nodes[call.node].link == f.node
	}
	return false
}

// readTrees has the constant at i checked while it is read. That saves reading
// large ensembles twice, and works if the function's name came first.
func (s *scanner) readTrees(f *frame, v *node, i int) {
	f.ask = true // for closeObject to end it
	v.does = parsesTrees
	s.forest.trees = 0
	if s.treesAt = len(s.stack); s.data[i] == '[' {
		s.treesAt++
	}
}

// A forest is the trees of one call.
type forest struct {
	s     *scanner
	trees int    // how many have begun
	at    int    // where the current text is, or the reference that it fills in
	line  int    // how many lines of the text have ended
	start int    // where the current line begins
	want  uint64 // the number of the next node, or lost
	buf   []byte // a line, unescaped
}

// constant checks a node that is a constant: a text or a list of texts.
func (f *forest) constant(v *node) {
	data, i := f.s.constant(v)
	if data == nil || v.does == parsesTrees { // see readTrees
		return
	}
	defer func(data []byte) { f.s.data = data }(f.s.data)
	f.s.data = data
	list := data[i] == '['
	if list {
		i = skipSpace(data, i+1)
	}
	for data[i] != ']' {
		if data[i] == '"' {
			at := i
			if v.kind == kindOpen {
				at = int(v.at)
			}
			i = f.text(i, at)
		} else {
			i = f.s.skip(i)
		}
		if !list {
			return
		}
		if i = skipSpace(data, i); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
}

// lost is the number of the next node if it is not known: in a tree that is
// broken, or so deep that its numbers exceed 64 bits.
const lost = 0

// following returns the number of the node that follows another in the text of a
// tree. A node is followed by its left child, whose number is twice its own. A
// node that ends in * has no children, and is followed by the right child that
// the nearest node above lacks. In binary, a right child is its parent with a 1
// appended. So without the ones at its end the number is that of the left child
// whose sibling comes next. If nothing is left, the tree is complete, and the next
// one begins with 1.
//
// It has no branch on isEnd, which would be mispredicted at half of the nodes.
func following(number uint64, isEnd bool) uint64 {
	left, right := 2*number, number>>lowest(^number)+1
	if number >= 1<<63 {
		left = lost
	}
	var end uint64
	if isEnd {
		end = 1
	}
	return left&(end-1) | right&-end
}

// text reads and checks the string whose opening quote is at i, and returns the
// index after its closing quote. Its lines are nodes, such as "12) …", or
// headings. Findings are reported for the value at the given offset.
func (f *forest) text(i, at int) (end int) {
	before := f.trees
	f.at, f.line, f.start, f.want = at, 0, i+1, 1
	end = f.s.longStr(i+1, f)
	if end < 0 {
		return -1
	}
	if f.start < end-1 {
		f.newline(f.s.data, end-1, end)
	}
	switch {
	case f.trees == before:
		f.find(ruleNoTree, treeLine{})
	case f.want > 1:
		f.find(ruleTreeEnd, treeLine{})
	}
	return end
}

// check checks a line.
func (f *forest) check(l treeLine) {
	switch {
	case !l.isNode:
		return
	case l.number == 1:
		if f.want > 1 {
			f.find(ruleTreeOrder, l)
		}
		f.trees++
	case f.want == lost:
		return
	case l.number != f.want:
		if f.want == 1 {
			f.trees++
		}
		f.find(ruleTreeOrder, l)
		f.want = lost
		return
	}
	f.want = following(l.number, l.isEnd)
}

// find adds a finding about the current line, got.
func (f *forest) find(r rule, got treeLine) {
	switch {
	case f.s.found.full():
	case r == ruleNoTree:
		f.s.found.add(f.at, r)
	case r == ruleTreeEnd:
		f.s.found.add(f.at, r, f.trees, f.line, f.want)
	default:
		digits := strconv.FormatUint(got.number, 10)
		if got.long != nil {
			digits = text.Clip(string(got.long[:min(len(got.long), 40)]), 32)
		}
		f.s.found.add(f.at, r, f.trees, f.line, f.want, digits)
	}
}
