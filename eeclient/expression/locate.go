package expression

import (
	"bytes"
	"sort"
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

// A place is the position of a locator within one object or list.
type place struct {
	role  role
	list  bool
	named bool   // in an object: it is in a member, and not between two
	index int    // in a list: of the element, or -1 if there is none
	name  []byte // of the member, with escapes
}

// A locator finds the paths of offsets. It reads the input again, so that the
// first reading need not keep track of paths, which only violations need. The
// input is well formed at least up to the last offset.
type locator struct {
	data  []byte
	stack []place
	next  role // of the value to come
	paths []string
}

// locate returns the paths of offsets, which are sorted. Each is that of a value
// or of the key of a member; the last may be that where reading stopped.
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

// emit adds the current path for each offset up to i.
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

// path returns the path of the current place: fields after a dot, the sender's
// own keys in brackets and quotes, elements by index.
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

// unescaped returns the text of a string, which comes without its quotes.
func unescaped(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	return appendUnescaped(nil, name)
}
