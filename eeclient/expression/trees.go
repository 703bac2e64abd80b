package expression

import (
	"math/bits"
	"strconv"

	"example.com/eeexport/eeclient/text"
)

// checkTrees checks the constant texts of decision trees.
func (s *scanner) checkTrees() {
	s.found.step()
	s.startFollowing()
	for _, call := range s.trees {
		f := forest{s: s}
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

// A forest is the trees of one call.
type forest struct {
	s     *scanner
	trees int    // how many have begun
	at    int    // where the text at hand stands, or the reference that it fills in
	buf   []byte // a line, unescaped
}

// constant checks a node that is a constant: a text or a list of texts.
func (f *forest) constant(v *node) {
	data, i := f.s.constant(v)
	if data == nil {
		return
	}
	list := data[i] == '['
	if list {
		i = skipSpace(data, i+1)
	}
	for data[i] != ']' {
		end := skipValue(data, i)
		if data[i] == '"' {
			f.at = i
			if v.kind == kindOpen {
				f.at = int(v.at)
			}
			f.text(data[i+1 : end-1])
		}
		if !list {
			return
		}
		if i = skipSpace(data, end); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
}

// lost is the number of the node to come if it is not known: in a tree that is
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
	left, right := 2*number, number>>bits.TrailingZeros64(^number)+1
	if number >= 1<<63 {
		left = lost
	}
	var end uint64
	if isEnd {
		end = 1
	}
	return left&(end-1) | right&-end
}

// text checks a string, without its quotes. Its lines are nodes, such as "12) …",
// or headings.
func (f *forest) text(text []byte) {
	want, before := uint64(1), f.trees
	line := 0
	for i := 0; i < len(text); {
		line++
		if number, isEnd, next := commonLine(text, i); next > 0 && number == want {
			if number == 1 {
				f.trees++
			}
			i, want = next, following(number, isEnd)
			continue
		}
		l, next := f.line(text, i)
		if i = next; !l.isNode {
			continue
		}
		switch {
		case l.number == 1:
			if want > 1 {
				f.find(ruleTreeOrder, line, want, l)
			}
			f.trees++
		case want == lost:
			continue
		case l.number != want:
			if want == 1 {
				f.trees++
			}
			f.find(ruleTreeOrder, line, want, l)
			want = lost
			continue
		}
		want = following(l.number, l.isEnd)
	}
	switch {
	case f.trees == before:
		f.find(ruleNoTree, 0, 0, treeLine{})
	case want > 1:
		f.find(ruleTreeEnd, line, want, treeLine{})
	}
}

// find notes a finding about a line: the number of the node that is wanted there,
// and the node that it got.
func (f *forest) find(r rule, line int, want uint64, got treeLine) {
	switch {
	case f.s.found.full():
	case r == ruleNoTree:
		f.s.found.add(f.at, r)
	case r == ruleTreeEnd:
		f.s.found.add(f.at, r, f.trees, line, want)
	default:
		digits := strconv.FormatUint(got.number, 10)
		if got.long != nil {
			digits = text.Clip(string(got.long[:min(len(got.long), 40)]), 32)
		}
		f.s.found.add(f.at, r, f.trees, line, want, digits)
	}
}
