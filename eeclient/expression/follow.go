package expression

import "bytes"

// source follows valueReferences from a node to the one that its value comes
// from, and with throughText also calls of String. It returns none if that
// leads to an entry that was followed before since the last call of unfollow:
// a caller has dealt with that entry already, so many references to one take
// no longer than one.
func (s *scanner) source(n int32, throughText bool) int32 {
	for n != none {
		v := &s.nodes[n]
		switch {
		case v.use == useText && throughText:
			n = v.link
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

// unfollow forgets which entries have been followed.
func (s *scanner) unfollow() { s.followed = zeroed(s.followed, len(s.entries)) }

// constant returns the JSON value of a node that is a constant, or that is
// filled in with one: it begins at data[i]. For another node data is nil.
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
	// Between an arrayValue and its elements there are the object with values
	// and the list of these.
	depth := s.nodes[array].depth + 3
	for n := array + 1; s.inside(n, array); n++ {
		if s.nodes[n].depth == depth {
			visit(n)
		}
	}
}

// skipValue returns the index after the JSON value at i, which is well formed.
func skipValue(data []byte, i int) int {
	for depth := 0; ; {
		switch data[i] {
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
		case '"':
			i, _ = skipString(data, i)
		default:
			i = skipScalar(data, i)
		}
		if depth == 0 {
			return i
		}
	}
}

// skipString returns the index after the string at i, and whether it is closed.
func skipString(data []byte, i int) (end int, closed bool) {
	for i++; ; {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return len(data), false
		}
		i += n + 1
		escapes := 0
		for data[i-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i, true
		}
	}
}

// skipScalar returns the index after the number or the literal at i.
func skipScalar(data []byte, i int) int {
	for i++; i < len(data) && bytes.IndexByte([]byte(",:]} \t\r\n"), data[i]) < 0; i++ {
	}
	return i
}
