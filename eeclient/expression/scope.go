package expression

// scopes is the scratch memory of the scope check.
type scopes struct {
	// numbers count the names that are both referred to and bound, from 1. Paths
	// matter only for them. Other names that are referred to have 0.
	numbers  []int32 // per name
	numbered int32
	binds    []int32    // the numbers that definitions bind; see definition
	bound    []bindings // per key
	// hasUnbound is set if a reference is not bound on every path.
	hasUnbound bool
}

// bindings are the names that are bound at an entry, a bit each: on every path
// from result to it, and on some path.
type bindings struct{ every, some uint64 }

// maxScopeSteps bounds the work of scope. It leaves room for a thousand names in
// the largest graph, and for more in a smaller one.
const maxScopeSteps = 1 << 25

// scope decides whether function definitions bind the argumentReferences that
// result leads to. It reports whether it could. A path binds the names of the
// definitions whose bodies it enters; a body is an entry, so all references in
// an entry have the same paths. The names bound at an entry therefore follow
// from those at the entries that refer to it, and one pass in topological order
// decides 64 names. Clients name arguments after the depth of nesting
// (_MAPPING_VAR_2_0), so a second pass is rare.
func (s *scanner) scope() bool {
	s.found.step()
	if len(s.names.keys) == 0 {
		return true
	}
	s.numbers = zeroed(s.numbers, len(s.names.keys))
	for i := range s.defs {
		s.collectBinds(&s.defs[i])
	}
	passes := max(1, (int(s.numbered)+63)/64)
	if passes*(len(s.nodes)+len(s.binds)) > maxScopeSteps {
		s.found.add(int(s.resultAt), ruleTooManyNames, s.numbered)
		return false
	}
	for pass := range passes {
		s.propagate(int32(pass))
	}
	return true
}

// collectBinds numbers the names that a definition binds. It reads the list in
// the input, so that names that nothing refers to take no memory.
func (s *scanner) collectBinds(d *definition) {
	d.from = int32(len(s.binds))
	for i := int(d.names) + 1; d.names > 0 && s.data[i] != ']'; i++ {
		if s.data[i] != '"' {
			continue
		}
		s.at = i
		end, plain := s.str(i)
		if name := s.names.find(s, 0, s.text(i+1, end-1, plain)); name >= 0 {
			if s.numbers[name] == 0 {
				s.numbered++
				s.numbers[name] = s.numbered
			}
			*extend(s, &s.binds) = s.numbers[name]
		}
		i = end - 1
	}
	d.to = int32(len(s.binds))
}

// propagate decides 64 names.
func (s *scanner) propagate(pass int32) {
	reach := s.order[:s.reached]
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
				s.decide(v, here, pass)
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

// decide decides whether a reference is bound, if its name belongs to the pass
// or is bound nowhere.
func (s *scanner) decide(v *node, here bindings, pass int32) {
	if v.link == none {
		return
	}
	number := s.numbers[v.link]
	switch b := bit(number, pass); {
	case number > 0 && b&^here.every == 0:
	case b&here.some == 0:
		v.kind, s.hasUnbound = kindOpen, true
	default:
		v.kind, s.hasUnbound = kindPartlyBound, true
	}
}

// bit returns the bit that stands for a name in a pass, or 0.
func bit(number, pass int32) uint64 {
	if number--; number>>6 != pass {
		return 0
	}
	return 1 << (number & 63)
}
