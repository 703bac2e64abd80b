package expression

import "strings"

// A walk is the scratch memory of the steps that follow the graph. Its nodes
// are the entries of values: what is nested inside an entry belongs to it and is
// reached whenever it is, for only a body opens a scope, and a body is an entry
// of its own.
type walk struct {
	order []int32 // entries, each after all that it refers to
	// reached is how many of the first in order can be reached from result.
	reached int

	color  []uint8
	next   []int32 // per entry: the reference that a depth-first search takes next
	path   []int32 // the entries that it has entered and not left
	cyclic bool

	classifier string // see Summary

	scopes
}

// refsOf returns the references of an entry.
func (g *graph) refsOf(e int32) []reference {
	if int(e)+1 < len(g.entries) {
		return g.refs[g.entries[e].refs:g.entries[e+1].refs]
	}
	return g.refs[g.entries[e].refs:]
}

// argsOf returns the argumentReferences of an entry.
func (g *graph) argsOf(e int32) []use {
	if int(e)+1 < len(g.entries) {
		return g.args[g.entries[e].args:g.entries[e+1].args]
	}
	return g.args[g.entries[e].args:]
}

// resolve finds the entry of every reference.
func (s *scanner) resolve() {
	s.found.step()
	if s.hasResult {
		s.resolveOne(&s.result)
	}
	for i := range s.refs {
		s.resolveOne(&s.refs[i])
	}
}

func (s *scanner) resolveOne(r *reference) {
	r.to = int32(s.keys.find(s, 0, r.key))
	if r.to < 0 && !s.found.full() {
		s.found.add(int(r.at), ruleDangling, quote(s.bytes(r.key)))
	}
}

// Colors of an entry in a depth-first search.
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
	s.color = zeroed(s.color, n)
	s.next = zeroed(s.next, n)
	s.order = s.order[:0]
	if s.hasResult && s.result.to >= 0 {
		s.visit(s.result.to)
	}
	s.reached = len(s.order)
	for e := range s.entries {
		if s.color[e] == white {
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
		refs := s.refsOf(e)
		if int(s.next[e]) == len(refs) {
			s.color[e] = black
			s.order = append(s.order, e)
			s.path = s.path[:len(s.path)-1]
			continue
		}
		r := &refs[s.next[e]]
		s.next[e]++
		if r.to < 0 {
			continue
		}
		switch s.color[r.to] {
		case white:
			s.color[r.to] = grey
			s.path = append(s.path, r.to)
		case grey:
			s.cyclic = true
			if !s.found.full() {
				s.found.add(int(r.at), ruleCycle, s.cycle(r.to))
			}
		}
	}
}

// cycle puts into words how the path goes on from an entry and, with the
// reference at hand, back to it.
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

// zeroed returns n zero elements, in the memory of old if that is large enough.
func zeroed[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n)
	}
	old = old[:n]
	clear(old)
	return old
}
