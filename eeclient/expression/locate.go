package expression

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
)

// A path with more members than these two together is shown without its middle.
const (
	pathHead = 24
	pathTail = 12
)

// A locator collects the paths of offsets while the scanner reads.
type locator struct {
	due     int   // the first of offsets
	offsets []int // sorted
	paths   []string
}

// locate returns the paths of offsets, which are sorted: each is that of a value
// or of the key of a member. It reads the input again, since only violations need
// paths. The scanner cannot be used afterwards.
func (s *scanner) locate(offsets []int) []string {
	if len(offsets) == 0 {
		return nil
	}
	s.stack, s.treesAt, s.found.room = s.stack[:0], none, 0
	s.locator = locator{due: offsets[0], offsets: offsets}
	s.run(0, roleAny)
	return s.paths
}

// pass adds the current path for each offset up to i.
func (s *scanner) pass(i int) {
	for s.due <= i {
		s.paths = append(s.paths, s.currentPath())
		if s.offsets = s.offsets[1:]; len(s.offsets) == 0 {
			s.due = math.MaxInt
			return
		}
		s.due = s.offsets[0]
	}
}

// currentPath returns the path of the current position: fields after a dot, the sender's
// own keys in brackets and quotes, elements by index.
func (s *scanner) currentPath() string {
	var b strings.Builder
	b.WriteString("expression")
	next := roleExpression // of the value that the frame at hand is
	for n := range s.stack {
		f := &s.stack[n]
		r, part := next.container(f.end-2), ""
		switch {
		case f.end == ']':
			next = r.element()
			if f.index != none {
				part = "[" + strconv.Itoa(int(f.index)) + "]"
			}
		case f.key != 0:
			end, _ := s.str(int(f.key))
			name := unescaped(s.data[f.key+1 : end-1])
			_, next = r.field(name)
			if part = "." + string(name); r == roleAny || r.isMap() || !identifier(string(name)) {
				part = "[" + quote(name) + "]"
			}
		}
		switch {
		case n < pathHead || n >= len(s.stack)-pathTail:
			b.WriteString(part)
		case n == pathHead:
			b.WriteString("…")
		}
	}
	return b.String()
}

// identifier reports whether a key can follow a dot.
func identifier(name string) bool {
	return len(name) <= text.MaxQuoted && resource.ConsistsOf(name, resource.IsAlnum, '_')
}

// unescaped returns the text of a string, which comes without its quotes.
func unescaped(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	return appendUnescaped(nil, name)
}
