package expression

// scopes is the scratch memory of the scope check.
type scopes struct {
	// numbers count, from 1, the names that are both referred to and bound
	// within reach of result: only for them does the path matter. Others that are
	// referred to within reach have 0, and the rest none.
	numbers  []int32 // per name
	numbered int32
	binds    []int32 // the numbers that definitions bind; see definition
	bound    []bound // per key
	// unsettled is set once a reference is found that is not bound on every
	// path.
	unsettled bool
}

// A bound says which names are bound where an entry begins, a bit each: on
// every path from result to it, and on some path.
type bound struct{ every, some uint64 }

// maxScopeSteps bounds the work of scope. Even the largest graph may have a
// thousand names; a small one may have as many as it likes.
const maxScopeSteps = 1 << 25

// scope decides of each argumentReference that result leads to whether a
// function definition binds it. A name is bound along a path if the path enters
// the body of a definition that lists it; a reference inside an entry shares
// the paths of the entry, since a body is always another entry. So what is
// bound at an entry is what is bound at those that refer to it, and what these
// references bind, taken together over all of them: one pass in topological
// order decides 64 names. Clients name arguments after the depth of nesting
// (_MAPPING_VAR_2_0), so there is hardly ever a second.
func (s *scanner) scope() {
	s.found.step()
	if len(s.names.keys) == 0 {
		return
	}
	reach := s.order[:s.reached]
	steps := s.collectUses(reach)
	s.collectBinds(reach)
	s.openUnbound(reach)
	passes := (int(s.numbered) + 63) / 64
	if passes*(steps+len(s.binds)) > maxScopeSteps {
		s.found.add(int(s.resultAt), ruleTooManyNames, s.numbered)
		return
	}
	for pass := range passes {
		s.bindAlong(reach, int32(pass))
	}
}

// collectUses finds the names that are referred to within reach, and counts the
// nodes there.
func (s *scanner) collectUses(reach []int32) (nodes int) {
	s.numbers = s.numbers[:0]
	for range s.names.keys {
		*extend(&s.numbers) = none
	}
	for _, e := range reach {
		for n := s.entries[e]; s.inside(n, s.entries[e]); n++ {
			if v := &s.nodes[n]; v.kind == kindArgument && v.link != none {
				s.numbers[v.link] = 0
			}
			nodes++
		}
	}
	return nodes
}

// collectBinds numbers those of the names that are bound within reach. It reads
// the lists in the input, so that names that nothing refers to take no memory.
func (s *scanner) collectBinds(reach []int32) {
	for _, e := range reach {
		for n := s.entries[e]; s.inside(n, s.entries[e]); n++ {
			v := &s.nodes[n]
			if v.kind != kindDefinition || v.link == none || s.defs[v.link].names == 0 {
				continue
			}
			d := &s.defs[v.link]
			d.from = int32(len(s.binds))
			for i := int(d.names) + 1; s.data[i] != ']'; i++ {
				if s.data[i] != '"' {
					continue
				}
				end, plain := s.str(i)
				s.bind(s.names.find(s, 0, s.text(i+1, end-1, plain)))
				i = end - 1
			}
			d.to = int32(len(s.binds))
		}
	}
}

// bind notes that the definition at hand binds a name.
func (s *scanner) bind(name int) {
	if name < 0 || s.numbers[name] == none {
		return
	}
	if s.numbers[name] == 0 {
		s.numbered++
		s.numbers[name] = s.numbered
	}
	*extend(&s.binds) = s.numbers[name]
}

// openUnbound settles the names that nothing binds.
func (s *scanner) openUnbound(reach []int32) {
	for _, e := range reach {
		for n := s.entries[e]; s.inside(n, s.entries[e]); n++ {
			if v := &s.nodes[n]; v.kind == kindArgument && v.link != none && s.numbers[v.link] == 0 {
				v.kind, s.unsettled = kindOpen, true
			}
		}
	}
}

// bindAlong decides the 64 names of a pass.
func (s *scanner) bindAlong(reach []int32, pass int32) {
	s.bound = zeroed(s.bound, len(s.entries))
	for _, e := range reach {
		s.bound[e].every = ^uint64(0)
	}
	s.bound[s.result].every = 0
	for i := len(reach) - 1; i >= 0; i-- {
		here, root := s.bound[reach[i]], s.entries[reach[i]]
		for n := root; s.inside(n, root); n++ {
			v := &s.nodes[n]
			if v.kind == kindArgument {
				s.settleOne(v, here, pass)
				continue
			}
			to := s.edge(v)
			if to == none {
				continue
			}
			binds := uint64(0)
			if v.kind == kindDefinition {
				d := &s.defs[v.link]
				for _, number := range s.binds[d.from:d.to] {
					binds |= bit(number, pass)
				}
			}
			s.bound[to].every &= here.every | binds
			s.bound[to].some |= here.some | binds
		}
	}
}

// bit returns the bit that stands for a name in a pass, or 0.
func bit(number, pass int32) uint64 {
	if number--; number>>6 != pass {
		return 0
	}
	return 1 << (number & 63)
}

// settleOne decides a reference if its name belongs to the pass.
func (s *scanner) settleOne(v *node, here bound, pass int32) {
	if v.link == none {
		return
	}
	switch b := bit(s.numbers[v.link], pass); {
	case b&^here.every == 0:
	case b&here.some == 0:
		v.kind, s.unsettled = kindOpen, true
	default:
		v.kind, s.unsettled = kindPartlyBound, true
	}
}
