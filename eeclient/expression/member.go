package expression

// member reads a key and its colon at i, in the object on top of the stack. It
// returns the index of the value and the role that the key gives it. The role is
// roleAny if the value is not to be interpreted: it is null, which leaves the
// field unset, or the key has been refused.
func (s *scanner) member(i int) (int, role) {
	data := s.data
	f := &s.stack[len(s.stack)-1]
	f.key = 0
	if i >= len(data) {
		return s.truncated(), roleAny
	}
	if data[i] != '"' {
		return s.fail(i, "expected a key in quotes"), roleAny
	}
	s.at = i
	end, number, r := 0, uint8(0), roleAny
	if f.role == roleNode || f.role == roleInvocation {
		end, number, r = commonField(data, i, f.role)
	}
	var name span
	if number == 0 {
		var plain bool
		if end, plain = s.str(i); end < 0 {
			return -1, roleAny
		}
		name = s.text(i+1, end-1, plain)
		if f.role.isMap() {
			r = roleNode
		} else if f.role != roleAny {
			number, r = f.role.field(s.bytes(name))
		}
	}
	if f.key = uint32(i); end-i-2 > maxKeyBytes {
		return s.fail(i, "this key is too long"), roleAny
	}
	if i >= s.due {
		s.pass(i)
	}
	v := end + 1
	if v >= len(data) || data[end] != ':' || data[v] <= ' ' {
		if v = s.colon(end); v < 0 {
			return -1, roleAny
		}
	}
	if number == 0 {
		return v, s.entry(f, r, i, name)
	}
	bit := uint16(1) << number
	if f.given&bit != 0 {
		s.duplicate(f, i, ", in this or its other spelling")
		return v, roleAny
	}
	f.given |= bit
	if f.role == roleNode {
		return v, s.setKind(f, i, v, kind(number), r)
	}
	if data[v] == 'n' {
		return v, roleAny
	}
	return v, s.setField(f, i, number, r)
}

// entry takes a key that is not a field: that of a map or one that is unknown.
func (s *scanner) entry(f *frame, r role, at int, name span) role {
	if f.role == roleValues {
		k := s.keyNumber(name)
		if s.entries[k] != none {
			s.duplicate(f, at, "")
			return roleAny
		}
		if name.len == 0 {
			s.found.add(at, ruleEmptyText, "the entry a key")
		}
		s.entries[k] = int32(len(s.nodes))
		s.defined++
		return r
	}
	start := int(f.keys)
	if start < len(s.open.keys) && s.open.find(s, start, name) >= 0 {
		s.duplicate(f, at, "")
		return roleAny
	}
	s.open.add(s, start, name)
	switch {
	case f.role == roleArguments:
		s.argument(f, at, name)
	case f.role.isObject() && !f.role.isMap():
		s.unknownField(f, at, name)
	}
	return r
}

// duplicate refuses a member whose key the object has already.
func (s *scanner) duplicate(f *frame, at int, where string) {
	s.treesAt = none
	s.unscoped = s.unscoped || f.role == roleDefinition
	s.found.add(at, ruleDuplicateKey, where)
}
