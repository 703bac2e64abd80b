package expression

// scopes is the scratch memory of the scope check.
type scopes struct {
	// Per name: whether a definition within reach of result binds it, and its
	// number among the candidates, plus 1.
	bindable  []bool
	candidate []int32
	// candidates are the names that are both bound and used within reach of
	// result: only for them does the path matter.
	candidates []int32
	unbound    []bool   // per argumentReference
	bound      []uint64 // per entry: bits of the candidates bound on every path
	dominators
}

// scope finds the argumentReferences that are not bound on every path from
// result. A name is bound along the way if the way enters the body of a
// function definition that lists it; a reference inside an entry shares the
// paths of the entry, since a body is always another entry.
//
// So with bound(result) empty,
//
//	bound(e) = ⋂ over references p → e of bound(p) ∪ names bound by that reference
//
// which one pass in topological order decides. With up to 64 candidates a set
// is one word. Clients name arguments after the depth of nesting
// (_MAPPING_VAR_2_0), so that is nearly always so; else see dominators.
func (s *scanner) scope() {
	s.found.step()
	reach := s.order[:s.reached]
	names := len(s.names.keys)
	s.bindable = zeroed(s.bindable, names)
	s.candidate = zeroed(s.candidate, names)
	s.unbound = zeroed(s.unbound, len(s.args))
	s.candidates = s.candidates[:0]
	for _, e := range reach {
		for _, r := range s.refsOf(e) {
			for _, name := range s.namesOf(r) {
				s.bindable[name] = true
			}
		}
	}
	for _, e := range reach {
		for i, u := range s.argsOf(e) {
			switch {
			case !s.bindable[u.name]:
				s.unbound[int(s.entries[e].args)+i] = true
			case s.candidate[u.name] == 0:
				s.candidates = append(s.candidates, u.name)
				s.candidate[u.name] = int32(len(s.candidates))
			}
		}
	}
	switch n := len(s.candidates); {
	case n == 0:
	case n <= 64:
		s.scopeWord(reach)
	default:
		s.scopeMany(reach)
	}
	for i, u := range s.args {
		if !s.unbound[i] || s.found.full() {
			continue
		}
		broken := ruleUnbound
		if s.bindable[u.name] {
			broken = rulePartlyBound
		}
		s.found.add(int(u.at), broken, quote(s.bytes(s.names.keys[u.name])))
	}
}

// namesOf returns the names that are bound by following a reference.
func (g *graph) namesOf(r reference) []int32 {
	if r.def < 0 {
		return nil
	}
	d := g.defs[r.def]
	return g.binds[d.from:d.to]
}

// scopeWord decides up to 64 candidates, each of which is a bit.
func (s *scanner) scopeWord(reach []int32) {
	s.bound = zeroed(s.bound, len(s.entries))
	for _, e := range reach {
		s.bound[e] = ^uint64(0)
	}
	s.bound[s.result.to] = 0
	for i := len(reach) - 1; i >= 0; i-- {
		e := reach[i]
		bound := s.bound[e]
		for j, u := range s.argsOf(e) {
			if n := s.candidate[u.name]; n > 0 && bound>>(n-1)&1 == 0 {
				s.unbound[int(s.entries[e].args)+j] = true
			}
		}
		for _, r := range s.refsOf(e) {
			if r.to < 0 {
				continue
			}
			after := bound
			for _, name := range s.namesOf(r) {
				if n := s.candidate[name]; n > 0 {
					after |= 1 << (n - 1)
				}
			}
			s.bound[r.to] &= after
		}
	}
}
