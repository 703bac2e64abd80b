package expression

import (
	"bytes"
	"sort"
	"strconv"
	"strings"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
)

// Paths with more members than these two together are shown without their
// middle.
const (
	pathHead = 24
	pathTail = 12
)

// A place is where a locator stands within one object or list.
type place struct {
	role  role
	list  bool
	named bool   // it is in a member of an object, and not between members
	index int    // of the element, in a list; -1 if it has none
	name  []byte // of the member, as it is written
}

// A locator finds out where in an expression an offset lies. It reads the
// input again, so that the first reading need not keep account of paths, which
// only a refused request has use for. What it reads has been found to be well
// formed, at least up to the last offset it is asked for.
type locator struct {
	data  []byte
	stack []place
	next  role // of the value to come
	paths []string
}

// locate gives the paths for offsets, which are sorted. Each is where a value
// or the key of a member begins, or else, as the last one, where reading
// stopped.
func locate(data []byte, offsets []int) []string {
	l := locator{data: data, next: roleExpression}
	for i := 0; len(l.paths) < len(offsets); {
		i = skipSpace(data, i)
		if i < len(data) && data[i] == '"' && l.atKey() {
			i = l.key(i, offsets)
			continue
		}
		if i >= len(data) {
			i = offsets[len(offsets)-1]
		}
		l.emit(offsets, i)
		if len(l.paths) < len(offsets) {
			i = l.token(i)
		}
	}
	return l.paths
}

// emit gives the current path to all offsets up to i.
func (l *locator) emit(offsets []int, i int) {
	for len(l.paths) < len(offsets) && offsets[len(l.paths)] <= i {
		l.paths = append(l.paths, l.path())
	}
}

// atKey reports whether a string here is the key of a member.
func (l *locator) atKey() bool {
	n := len(l.stack)
	return n > 0 && !l.stack[n-1].list && !l.stack[n-1].named
}

// key enters the member whose key is at i and returns the index after the key.
func (l *locator) key(i int, offsets []int) int {
	end, closed := skipString(l.data, i)
	if at := sort.SearchInts(offsets, i+1); !closed || at < len(offsets) && offsets[at] < end {
		l.emit(offsets, len(l.data)) // reading stopped within the key
		return end
	}
	top := &l.stack[len(l.stack)-1]
	top.named, top.name = true, l.data[i+1:end-1]
	_, l.next = top.role.field(unescaped(top.name))
	l.emit(offsets, i)
	return end
}

// token passes one token that is not a key.
func (l *locator) token(i int) int {
	top := len(l.stack) - 1
	switch c := l.data[i]; c {
	case '{':
		l.stack = append(l.stack, place{role: l.next.container(c), index: -1})
	case '[':
		p := place{role: l.next.container(c), list: true, index: -1}
		l.next = p.role.element()
		if j := skipSpace(l.data, i+1); j < len(l.data) && l.data[j] != ']' {
			p.index = 0
		}
		l.stack = append(l.stack, p)
	case '}', ']':
		l.stack = l.stack[:top]
	case ',':
		l.stack[top].named = false
		if l.stack[top].list {
			l.stack[top].index++
			l.next = l.stack[top].role.element()
		}
	case ':':
	case '"':
		end, _ := skipString(l.data, i)
		return end
	default:
		return skipScalar(l.data, i)
	}
	return i + 1
}

// path writes down where the locator stands: fields after a dot, keys of the
// sender's own in brackets and quotes, elements by their index.
func (l *locator) path() string {
	var b strings.Builder
	b.WriteString("expression")
	for n, p := range l.stack {
		if n >= pathHead && n < len(l.stack)-pathTail {
			if n == pathHead {
				b.WriteString("…")
			}
			continue
		}
		name := unescaped(p.name)
		switch {
		case p.list && p.index >= 0:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(p.index))
			b.WriteByte(']')
		case !p.named:
		case p.role == roleAny || p.role.isMap() || !identifier(string(name)):
			b.WriteByte('[')
			b.WriteString(quote(name))
			b.WriteByte(']')
		default:
			b.WriteByte('.')
			b.Write(name)
		}
	}
	return b.String()
}

// identifier reports whether a key can follow a dot.
func identifier(name string) bool {
	return len(name) <= text.MaxQuoted && resource.ConsistsOf(name, resource.IsAlnum, '_')
}

// unescaped returns the text of a string, given without its quotes.
func unescaped(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	return appendUnescaped(nil, name)
}
