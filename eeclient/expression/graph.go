package expression

import "strings"

// walk is the scratch memory of the search through the graph. Nodes inside an
// entry belong to it and are reached whenever it is: only a body opens a scope,
// and a body is an entry of its own.
type walk struct {
	order []int32 // keys of entries, each after all that it refers to
	// reached is how many of the first in order can be reached from result.
	reached int

	color  []uint8
	next   []int32 // per key: the node that a depth-first search takes next
	path   []int32 // the keys that it has entered and not left
	cyclic bool
}

// findDangling finds the references to entries that do not exist.
func (s *scanner) findDangling() {
	s.found.step()
	if s.defined == len(s.entries) {
		return
	}
	if s.result != none && s.entries[s.result] == none {
		s.dangling(s.result, int(s.resultAt))
	}
	for i := range s.nodes {
		v := &s.nodes[i]
		if to := s.edge(v); to != none && s.entries[to] == none {
			s.dangling(to, s.edgeAt(v))
		}
	}
}

func (s *scanner) dangling(key int32, at int) {
	if !s.found.full() {
		s.found.add(at, ruleDangling, s.bytes(s.keys.keys[key]))
	}
}

// Colors of a key in a depth-first search.
const (
	white = iota // not entered
	grey         // entered and not left
	black        // left
)

// sort puts the entries in order, those that result reaches first, and finds
// the references that lead back to themselves: those to an entry that the
// search has not left yet. A valueReference, a body and a functionReference
// all count; a function cannot call itself, since nothing could end it.
func (s *scanner) sort() {
	s.found.step()
	n := len(s.entries)
	s.color, s.next = zeroed(s.color, n), zeroed(s.next, n)
	s.order, s.path = zeroed(s.order, n)[:0], zeroed(s.path, n)[:0]
	copy(s.next, s.entries)
	if s.hasResult() {
		s.visit(s.result)
	}
	s.reached = len(s.order)
	for e, n := range s.entries {
		if n != none && s.color[e] == white {
			s.visit(int32(e))
		}
	}
}

// visit searches depth first from an entry. It keeps the path itself, because a
// chain of references can be as long as the input.
func (s *scanner) visit(root int32) {
	s.color[root] = grey
	s.path = append(s.path[:0], root)
	for len(s.path) > 0 {
		e := s.path[len(s.path)-1]
		n := s.next[e]
		if !s.inside(n, s.entries[e]) {
			s.color[e] = black
			s.order = append(s.order, e)
			s.path = s.path[:len(s.path)-1]
			continue
		}
		s.next[e]++
		to := s.edge(&s.nodes[n])
		if to == none || s.entries[to] == none {
			continue
		}
		switch s.color[to] {
		case white:
			s.color[to] = grey
			s.path = append(s.path, to)
		case grey:
			s.cyclic = true
			if !s.found.full() {
				s.found.add(s.edgeAt(&s.nodes[n]), ruleCycle, s.cycle(to))
			}
		}
	}
}

// cycle describes how the path leads from an entry and, by the current
// reference, back to it.
func (s *scanner) cycle(to int32) string {
	from := len(s.path) - 1
	for s.path[from] != to {
		from--
	}
	loop := s.path[from:]
	var b strings.Builder
	for i, e := range loop {
		if i >= 3 && i < len(loop)-2 {
			if i == 3 {
				b.WriteString("… → ")
			}
			continue
		}
		b.WriteString(quote(s.bytes(s.keys.keys[e])))
		b.WriteString(" → ")
	}
	b.WriteString(quote(s.bytes(s.keys.keys[to])))
	return b.String()
}
