package expression

// dominators is the scratch memory of scopeMany. All slices are per entry.
type dominators struct {
	idom  []int32 // the immediate dominator; -1 if none is known yet
	depth []int32 // in the tree of dominators
	jump  []int32 // an ancestor in that tree, for quick ascent
	// way is the only reference to the entry, as an index of refs plus 1, or
	// several.
	way     []int32
	child   []int32 // the first child in the tree, plus 1
	sibling []int32 // the next one, plus 1
	wide    []wideSet
}

const several = -1

// scopeMany decides any number of candidates.
//
// An entry dominates another if every path from result to the latter goes
// through it. If an entry that dominates a reference has one way in, which
// enters the body of a function that binds the name, then the name is bound on
// every path. One walk over the tree of dominators decides that for all names
// at once, keeping count of the names bound along the branch, and it settles
// what well-formed requests contain: a function has one body and one place.
//
// The names for which it leaves something open, because each of several ways
// in might bind them, are decided as scopeWord does it, many at a time.
func (s *scanner) scopeMany(reach []int32) {
	s.findDominators(reach)
	open := s.walkDominators()
	for len(open) > 0 {
		n := min(len(open), wideBits)
		s.scopeWide(reach, open[:n])
		open = open[n:]
	}
}

// findDominators builds the tree in topological order, in which all that refer
// to an entry come before it: its immediate dominator is their lowest common
// ancestor (Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm,
// 2001; without cycles one round is enough).
func (s *scanner) findDominators(reach []int32) {
	n := len(s.entries)
	s.idom, s.depth, s.jump = zeroed(s.idom, n), zeroed(s.depth, n), zeroed(s.jump, n)
	s.way, s.child, s.sibling = zeroed(s.way, n), zeroed(s.child, n), zeroed(s.sibling, n)
	for _, e := range reach {
		s.idom[e] = -1
	}
	root := s.result.to
	s.idom[root], s.jump[root] = root, root
	for i := len(reach) - 1; i >= 0; i-- {
		e := reach[i]
		if e != root {
			s.enterTree(e)
		}
		for j, r := range s.refsOf(e) {
			switch {
			case r.to < 0:
			case s.idom[r.to] < 0:
				s.idom[r.to] = e
				s.way[r.to] = s.entries[e].refs + int32(j) + 1
			default:
				s.idom[r.to] = s.common(s.idom[r.to], e)
				s.way[r.to] = several
			}
		}
	}
}

// enterTree adds an entry below its immediate dominator. Its jump pointer is
// chosen as in a skew-binary number system, which makes every ascent
// logarithmic (Myers, An Applicative Random-Access Stack, 1983).
func (s *scanner) enterTree(e int32) {
	d := s.idom[e]
	s.depth[e] = s.depth[d] + 1
	far := s.jump[d]
	if s.depth[d]-s.depth[far] == s.depth[far]-s.depth[s.jump[far]] {
		s.jump[e] = s.jump[far]
	} else {
		s.jump[e] = d
	}
	s.sibling[e] = s.child[d]
	s.child[d] = e + 1
}

// common returns the lowest common ancestor of two entries.
func (s *scanner) common(a, b int32) int32 {
	if s.depth[a] < s.depth[b] {
		a, b = b, a
	}
	for s.depth[a] > s.depth[b] {
		if s.depth[s.jump[a]] >= s.depth[b] {
			a = s.jump[a]
		} else {
			a = s.idom[a]
		}
	}
	for a != b {
		if s.jump[a] != s.jump[b] {
			a, b = s.jump[a], s.jump[b]
		} else {
			a, b = s.idom[a], s.idom[b]
		}
	}
	return a
}

// walkDominators goes over the tree and returns the candidates for which it
// leaves a reference undecided.
func (s *scanner) walkDominators() (open []int32) {
	active := make([]int32, len(s.names.keys))
	isOpen := make([]bool, len(s.names.keys))
	count := func(e, by int32) {
		if w := s.way[e]; w > 0 {
			for _, name := range s.namesOf(s.refs[w-1]) {
				active[name] += by
			}
		}
	}
	for e := s.result.to; ; {
		count(e, 1)
		for _, u := range s.argsOf(e) {
			if s.candidate[u.name] > 0 && active[u.name] == 0 && !isOpen[u.name] {
				isOpen[u.name] = true
				open = append(open, u.name)
			}
		}
		if c := s.child[e]; c != 0 {
			e = c - 1
			continue
		}
		for {
			count(e, -1)
			if e == s.result.to {
				return open
			}
			if c := s.sibling[e]; c != 0 {
				e = c - 1
				break
			}
			e = s.idom[e]
		}
	}
}

// A wideSet is a set of names.
type wideSet [wideBits / 64]uint64

// wideBits is how many names one pass decides: as many as keep the sets of a
// large graph in the cache.
const wideBits = 256

// scopeWide is scopeWord for the names given.
func (s *scanner) scopeWide(reach, names []int32) {
	clear(s.candidate)
	for i, name := range names {
		s.candidate[name] = int32(i) + 1
	}
	s.wide = zeroed(s.wide, len(s.entries))
	var all wideSet
	for i := range all {
		all[i] = ^uint64(0)
	}
	for _, e := range reach {
		s.wide[e] = all
	}
	s.wide[s.result.to] = wideSet{}
	for i := len(reach) - 1; i >= 0; i-- {
		e := reach[i]
		bound := &s.wide[e]
		for j, u := range s.argsOf(e) {
			if n := s.candidate[u.name] - 1; n >= 0 && bound[n/64]>>(n%64)&1 == 0 {
				s.unbound[int(s.entries[e].args)+j] = true
			}
		}
		for _, r := range s.refsOf(e) {
			if r.to < 0 {
				continue
			}
			after := *bound
			for _, name := range s.namesOf(r) {
				if n := s.candidate[name] - 1; n >= 0 {
					after[n/64] |= 1 << (n % 64)
				}
			}
			to := &s.wide[r.to]
			for k := range to {
				to[k] &= after[k]
			}
		}
	}
}
