package expression

import (
	"bytes"
	"math/bits"
	"strconv"
)

// checkTrees checks the text of decision trees, as far as it is constant.
func (s *scanner) checkTrees() {
	s.found.step()
	s.unfollow()
	for _, call := range s.trees {
		f := forest{s: s}
		n := s.source(s.nodes[call].link, true)
		switch {
		case n == none:
		case s.nodes[n].kind == kindArray:
			s.elements(n, func(e int32) {
				if e = s.source(e, true); e != none {
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
	trees int // how many have begun
	// at is where in the input the text at hand stands, or the reference that it
	// fills in.
	at  int
	buf []byte
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

// lost is the number of the node to come if that is not known: in a tree that
// is broken, or too deep for its numbers to be counted in 64 bits.
const lost = 0

// text checks the text between two quotes. Its lines are nodes, as "12) …", or
// headings. A node is followed by its left child, whose number is twice its
// own. A node that ends in * has no children, and is followed by the right
// child that the nearest node above lacks. To count upwards from the number
// of a right child is to cut its last 1 off, so the left child whose sibling
// comes next is the number without the ones at its end. If nothing is left,
// the tree is complete, and the next begins with 1.
func (f *forest) text(text []byte) {
	want, before := uint64(1), f.trees
	line := 0
	for i := 0; i < len(text); {
		line++
		var l treeLine
		if l, i = f.line(text, i); !l.isNode {
			continue
		}
		switch {
		case l.number == 1:
			if want > 1 {
				f.find(ruleTreeOrder, f.trees, line, want, l.digits)
			}
			f.trees++
		case want == lost:
			continue
		case l.number != want:
			if want == 1 {
				f.trees++
			}
			f.find(ruleTreeOrder, f.trees, line, want, l.digits)
			want = lost
			continue
		}
		switch {
		case l.isEnd:
			want = l.number>>bits.TrailingZeros64(^l.number) + 1
		case l.number < 1<<63:
			want = 2 * l.number
		default:
			want = lost
		}
	}
	switch {
	case f.trees == before:
		f.find(ruleNoTree)
	case want > 1:
		f.find(ruleTreeEnd, f.trees, line, want)
	}
}

// A treeLine is a line of a text of trees.
type treeLine struct {
	isNode bool
	isEnd  bool   // it ends in *
	number uint64 // 0 if it has more than 64 bits
	digits []byte // the number
}

// line reads the line at i and returns the index of the next one. It reads the
// text as JSON has it; only a line in which an escape stands where it matters is
// unescaped first.
func (f *forest) line(text []byte, i int) (l treeLine, next int) {
	start := i
	for i < len(text) && text[i] == ' ' {
		i++
	}
	i = l.readNumber(text, i)
	escaped := !l.isNode && i < len(text) && text[i] == '\\' && text[i+1] != 'n'
	end, next := lineEnd(text, i)
	switch {
	case escaped:
	case !l.isNode || text[end-1] == ')':
		return l, next
	case text[end-1] == '*':
		l.isEnd = true
		return l, next
	case text[end-1] != ' ' && bytes.IndexByte(text[max(start, end-len(`\u0020`)):end], '\\') < 0:
		return l, next
	}
	f.buf = appendUnescaped(f.buf[:0], text[start:end])
	b := bytes.Trim(f.buf, " \t\r")
	l = treeLine{isEnd: bytes.HasSuffix(b, []byte("*"))}
	l.readNumber(b, 0)
	return l, next
}

// lineEnd returns where the line ends that i is in, and where the next begins.
func lineEnd(text []byte, i int) (end, next int) {
	for {
		n := bytes.IndexByte(text[i:], '\\')
		if n < 0 {
			return len(text), len(text)
		}
		i += n
		switch text[i+1] {
		case 'n':
			return i, i + 2
		case 'u':
			if u, _ := hex4(text, i+2); u == '\n' {
				return i, i + 6
			}
			i += 6
		default:
			i += 2
		}
	}
}

// readNumber reads the number with which the text at i begins, if it is that of
// a node, and returns the index after it.
func (l *treeLine) readNumber(text []byte, i int) int {
	from := i
	for ; i < len(text) && digit(text[i]); i++ {
		l.number = 10*l.number + uint64(text[i]-'0')
	}
	l.isNode = i > from && i < len(text) && text[i] == ')'
	l.digits = text[from:i]
	if len(l.digits) > 19 {
		var err error
		significant := bytes.TrimLeft(l.digits, "0")
		if l.number, err = strconv.ParseUint(string(significant[:min(len(significant), 21)]), 10, 64); err != nil {
			l.number = 0
		}
	}
	return i
}

// find notes a finding about the text at hand.
func (f *forest) find(r rule, details ...any) { f.s.found.add(f.at, r, details...) }
