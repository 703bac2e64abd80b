package expression

import (
	"math"
	"sync"
)

var scanners = sync.Pool{New: func() any {
	s := &scanner{signatures: make(map[string]*signature)}
	s.reset()
	return s
}}

// reset forgets an input and keeps the memory.
func (s *scanner) reset() {
	for _, t := range []*keySet{&s.open, &s.keys, &s.names, &s.unknown} {
		t.truncate(s, 0)
	}
	*s = scanner{
		arena: s.arena[:0], found: findings{list: s.found.list[:0]},
		stack: s.stack[:0], open: s.open, pending: s.pending[:0], unknown: s.unknown, meant: s.meant[:0],
		graph: graph{
			nodes: s.nodes[:0], keys: s.keys, entries: s.entries[:0], names: s.names, defs: s.defs[:0],
			trees: s.trees[:0], reads: s.reads[:0], result: none,
		},
		walk:     walk{order: s.order, color: s.color, next: s.next, path: s.path},
		scopes:   scopes{numbers: s.numbers, binds: s.binds[:0], bound: s.bound},
		followed: s.followed, signatures: s.signatures,
		forest:  forest{buf: s.forest.buf[:0]},
		treesAt: none,
		locator: locator{due: math.MaxInt},
	}
	s.forest.s = s
}

// maxKept bounds what a scanner keeps between inputs: elements in each of its
// slices, which is some megabytes in all.
const maxKept = 1 << 16

// release gives the scanner back to the pool, unless it is too large.
func (s *scanner) release() {
	if max(cap(s.arena)/16, cap(s.forest.buf)/16, cap(s.stack), cap(s.nodes), cap(s.entries), cap(s.pending), cap(s.binds),
		cap(s.open.keys), cap(s.names.keys)) > maxKept {
		return
	}
	s.reset()
	scanners.Put(s)
}

// extend lengthens a list by one and returns the new element, which is not
// zeroed. Setting its fields in place is faster than appending a value that was
// put together elsewhere: copying what was just written in smaller pieces stalls.
func extend[T any](s *scanner, list *[]T) *T {
	n := len(*list)
	if n == cap(*list) {
		reserve(s, list, 1, math.MaxInt)
	}
	*list = (*list)[:n+1]
	return &(*list)[n]
}

// reserve makes room in a list for n more elements and, up to most, for as many
// as the list will get if the rest of the input is like the part that has been
// read. Doubling the list each time would take twice the memory in the end, and
// three times as much while it is copied.
func reserve[T any](s *scanner, list *[]T, n, most int) {
	n += len(*list)
	expected := float64(n) * float64(len(s.data)) / float64(s.at+1)
	capacity := min(max(n+n/8+64, int(expected)+n/64), 16*n+64, max(n, most))
	longer := make([]T, len(*list), capacity)
	copy(longer, *list)
	*list = longer
}

// zeroed returns n zero elements, in the memory of old if that is large enough.
func zeroed[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n)
	}
	old = old[:n]
	clear(old)
	return old
}
