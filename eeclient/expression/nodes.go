package expression

// A node is a ValueNode, wherever it stands.
type node struct {
	kind   kind
	broken bool   // it is not an object, or sets nothing of use
	start  uint32 // where it begins
	// text is the function name of an invocation, the key of a reference, or
	// the string that a constant is, this one not unescaped.
	text span
	// given are the nodes of those arguments of an invocation that are looked
	// at later, plus 1; see argument.
	classifier, asset int32
	at                uint32 // where text begins, with its quote
}

// An entry is a member of values. What belongs to it, and to the nodes inside
// it, follows that of the entry before it.
type entry struct {
	node int32 // its own
	refs int32 // the first of its references
	args int32 // the first of its argumentReferences
}

// A reference names an entry: a valueReference, body or functionReference.
type reference struct {
	key span
	at  uint32 // where it stands in the input
	def int32  // the function definition whose body it is, or -1
	to  int32  // the entry, or -1 if there is none
}

// A definition is a functionDefinitionValue; it binds the names binds[from:to].
type definition struct{ from, to int32 }

// A use is an argumentReference.
type use struct {
	name int32
	at   uint32
}

// A graph is an expression as the scanner hands it to the walks.
type graph struct {
	nodes     []node
	keys      keySet // of the entries
	entries   []entry
	refs      []reference
	args      []use
	names     keySet // of arguments
	defs      []definition
	binds     []int32 // names, as indices of names
	functions keySet  // names of the functions invoked
	loads     []int32 // the invocations that load an asset
	assets    keySet  // the IDs that they load
	result    reference
	hasResult bool
	hasValues bool
	tooMany   bool // there are more than MaxNodes nodes
	loose     bool // a function definition is malformed, so what it binds is not known
}

// newNode adds a node that begins at an offset, or reports that there are too
// many, which is found once.
func (s *scanner) newNode(at int) (int32, bool) {
	n := len(s.nodes)
	if n >= MaxNodes {
		if !s.tooMany {
			s.tooMany = true
			s.found.add(at, ruleTooManyNodes, maxNodesText)
		}
		return 0, false
	}
	v := extend(&s.nodes)
	v.kind, v.broken, v.start, v.at = 0, false, uint32(at), 0
	v.text.at, v.text.len, v.classifier, v.asset = 0, 0, 0, 0
	return int32(n), true
}

// setKind takes a field of a ValueNode and returns the role of its value.
func (s *scanner) setKind(f *frame, at int, k kind, r role, null bool) role {
	if null && k != kindConstant {
		return roleAny
	}
	n := &s.nodes[f.node]
	if n.kind != 0 {
		s.found.add(at, ruleTwoKinds, kindNames[n.kind])
		return roleAny
	}
	n.kind = k
	f.ask = false
	return r
}

// setField takes a field of another message, not null, and returns the role of
// its value.
func (s *scanner) setField(f *frame, at int, number uint8, r role) role {
	switch r {
	case roleFunctionName, roleFunctionReference:
		if f.has(fieldFunctionName) {
			s.found.add(at, ruleTwoFunctions, "functionName")
			return roleAny
		}
		if f.has(fieldFunctionReference) {
			s.found.add(at, ruleTwoFunctions, "functionReference")
			return roleAny
		}
		f.ask = false
	case roleValues:
		s.hasValues = true
	}
	f.set |= 1 << number
	return r
}

// argument takes the name of an argument, whose node comes next. It remembers
// the classifier that is passed on and the ID that is loaded.
func (s *scanner) argument(f *frame, at int, name span) {
	switch string(s.bytes(name)) {
	case "":
		s.found.add(at, ruleEmptyText, "the argument a name")
	case "classifier":
		s.nodes[f.node].classifier = int32(len(s.nodes)) + 1
	case "id", "tableId":
		s.nodes[f.node].asset = int32(len(s.nodes)) + 1
	}
}

// string takes the string from its opening quote at i to end, in a role.
func (s *scanner) string(r role, i, end int, plain bool) {
	if r == roleConstant {
		n := &s.nodes[s.stack[len(s.stack)-1].node]
		n.text = span{uint32(i + 1), uint32(end - i - 2)}
		return
	}
	if !r.isString() && r != roleInteger {
		s.refuse(r, i)
		return
	}
	text := s.text(i+1, end-1, plain)
	if r == roleInteger {
		if !isInt64(s.bytes(text)) {
			s.found.add(i, ruleInteger, "")
		}
		return
	}
	if r == roleBytes {
		if !isBase64(s.bytes(text)) {
			s.found.add(i, ruleBase64, "")
		}
		return
	}
	if text.len == 0 {
		s.loose = s.loose || r == roleArgumentName
		s.found.add(i, ruleEmptyText, wants[r][len("a string, "):])
		return
	}
	switch r {
	case roleResult:
		s.result, s.hasResult = reference{key: text, at: uint32(i), def: -1}, true
	case roleBody:
		s.refer(text, i, int32(len(s.defs))-1)
	case roleFunctionReference, roleValueReference:
		s.refer(text, i, -1)
		if r == roleValueReference {
			s.setText(text, i)
		}
	case roleFunctionName:
		s.function(text, i)
	case roleArgumentName:
		s.binds = append(s.binds, s.name(text))
	case roleArgumentReference:
		s.args = append(s.args, use{name: s.name(text), at: uint32(i)})
	}
}

// function takes the name of the function that the current node invokes.
func (s *scanner) function(name span, at int) {
	if s.functions.find(s, 0, name) < 0 {
		s.functions.add(s, 0, name)
	}
	if n := s.setText(name, at); loader(s.bytes(name)) {
		s.loads = append(s.loads, n)
	}
}

// refer adds a reference from the current entry.
func (s *scanner) refer(k span, at int, def int32) {
	r := extend(&s.refs)
	r.key.at, r.key.len = k.at, k.len
	r.at, r.def, r.to = uint32(at), def, -1
}

// setText gives the current node its text.
func (s *scanner) setText(t span, at int) int32 {
	i := s.stack[len(s.stack)-1].node
	n := &s.nodes[i]
	n.text, n.at = t, uint32(at)
	return i
}

// name numbers the names of arguments.
func (s *scanner) name(k span) int32 {
	n := s.names.find(s, 0, k)
	if n < 0 {
		n = len(s.names.keys)
		s.names.add(s, 0, k)
	}
	return int32(n)
}

// literalValue takes true, false or null at i.
func (s *scanner) literalValue(r role, i int) {
	switch {
	case r == roleConstant:
	case r == roleNode && s.data[i] == 'n':
		s.brokenNode(i)
		s.found.add(i, ruleNullNode, "")
	default:
		s.refuse(r, i)
	}
}

// numberValue takes the number between two offsets.
func (s *scanner) numberValue(r role, i, end int) {
	switch {
	case r == roleConstant:
	case r != roleInteger:
		s.refuse(r, i)
	case !isInt64(s.data[i:end]):
		s.found.add(i, ruleInteger, "")
	}
}

// refuse finds that the value at an offset is not what its role wants.
func (s *scanner) refuse(r role, at int) {
	switch r {
	case roleNode:
		s.brokenNode(at)
	case roleValues:
		s.hasValues = false // nothing can be looked up in it
	case roleDefinition, roleArgumentNames, roleArgumentName:
		s.loose = true
	}
	s.found.add(at, ruleWrongType, wants[r])
}

// brokenNode stands in for a node, so that whoever counts on it finds one.
func (s *scanner) brokenNode(at int) {
	if n, ok := s.newNode(at); ok {
		s.nodes[n].broken = true
	}
}

// endDefinition closes a functionDefinitionValue. A definition may name no
// arguments, but it has a body.
func (s *scanner) endDefinition(f *frame) {
	s.defs[len(s.defs)-1].to = int32(len(s.binds))
	if !f.has(fieldBody) {
		s.found.addMissing(int(f.start), ".body", ruleRequired, "the key of the entry that the function evaluates")
	}
}

// endExpression closes the expression.
func (s *scanner) endExpression(f *frame) {
	if !f.has(fieldResult) {
		s.found.addMissing(int(f.start), ".result", ruleRequired, "the key of the entry to evaluate")
	}
	if !f.has(fieldValues) {
		s.found.addMissing(int(f.start), ".values", ruleRequired, "an object with an entry for each key that is referred to")
	}
}
