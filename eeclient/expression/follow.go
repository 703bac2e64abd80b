package expression

// follow follows valueReferences from a node to the one that its value comes
// from, and with throughText also calls of String. It returns none if that leads
// to an entry or an argument that has been followed since startFollowing. The
// caller has handled it, so many references to one take no longer than one.
func (s *scanner) follow(n int32, throughText bool) int32 {
	for n != none {
		v := &s.nodes[n]
		switch {
		case v.does == returnsText && throughText:
			n = v.link
		case s.filled(v):
			f := &s.fillers[v.link]
			if f.followed {
				return none
			}
			f.followed = true
			return n
		case v.kind != kindReference || v.link == none:
			return n
		case s.followed[v.link]:
			return none
		default:
			s.followed[v.link] = true
			n = s.entries[v.link]
		}
	}
	return none
}

// startFollowing forgets what has been followed.
func (s *scanner) startFollowing() {
	s.followed = zeroed(s.followed, len(s.entries))
	for i := range s.fillers {
		s.fillers[i].followed = false
	}
}

// constant returns the JSON value, at data[i], of a node that is a constant or is
// filled in with one. For other nodes data is nil.
func (s *scanner) constant(v *node) (data []byte, i int) {
	switch {
	case v.kind == kindConstant:
		return s.data, int(v.at)
	case s.filled(v):
		value := s.fillers[v.link].value()
		return value, skipSpace(value, 0)
	}
	return nil, 0
}

// elements calls visit with each element of an arrayValue.
func (s *scanner) elements(array int32, visit func(n int32)) {
	if s.siblings == nil {
		s.findSiblings()
	}
	for n := array + 1; s.inside(n, array); n = s.siblings[n] {
		visit(n)
	}
}

// findSiblings records for each node the first one after those inside it.
func (s *scanner) findSiblings() {
	s.siblings = make([]int32, len(s.nodes))
	var open []int32
	for n := range s.nodes {
		for len(open) > 0 && s.nodes[open[len(open)-1]].depth >= s.nodes[n].depth {
			s.siblings[open[len(open)-1]] = int32(n)
			open = open[:len(open)-1]
		}
		open = append(open, int32(n))
	}
	for _, n := range open {
		s.siblings[n] = int32(len(s.nodes))
	}
}
