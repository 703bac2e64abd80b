package expression

// unknownField refuses a field that an object of a role does not have.
func (s *scanner) unknownField(f *frame, at int, name span) {
	s.treesAt = none
	switch f.role {
	case roleExpression:
		if s.mistaken == 0 {
			s.mistaken = mistakenFor(string(s.bytes(name)))
		}
	case roleDefinition:
		s.unscoped = true
	case roleInvocation:
		f.set |= 1 << fieldBroken
	}
	s.found.add(at, ruleUnknownField, unknownTexts[f.role])
}

// mistakenFor returns the rule about what people send instead of an Expression,
// which it recognizes by a field; 0 if the field is not known.
func mistakenFor(field string) rule {
	switch field {
	case "type", "scope":
		return ruleOlderEncoding
	case "Serializable$values":
		return ruleClientObject
	}
	if kindOf(field) != 0 {
		return ruleBareNode
	}
	return 0
}

// endExpression closes the expression. If it is something else altogether, that
// is the only finding.
func (s *scanner) endExpression(f *frame) {
	result, values := f.has(fieldResult), f.has(fieldValues)
	switch {
	case !result && !values && s.mistaken != 0:
		s.found = findings{list: s.found.list[:0], room: maxViolations}
		s.found.add(int(f.start), s.mistaken)
		return
	case !result:
		s.found.addMissing(int(f.start), ".result", ruleRequired, "the key of the entry to evaluate")
	}
	if !values {
		s.found.addMissing(int(f.start), ".values", ruleRequired, "an object with an entry for each key that is referred to")
	}
}
