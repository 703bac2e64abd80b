package expression

// none is the index of no node, entry, definition or name.
const none = -1

// A node is a ValueNode. Nodes are numbered in the order of the document, so
// those inside a node follow it and are deeper.
type node struct {
	kind  kind
	does  behavior // of the function that it invokes
	depth uint16   // how many objects and lists it is in
	start uint32   // where it begins
	at    uint32   // where its value begins; of an invocation, the function's name, or 0
	// link is what it refers to, or none: the key of a valueReference or a
	// functionReference, the name of an argumentReference, a definition, or the
	// node of the argument that the behavior of an invocation depends on.
	link int32
}

// A definition is a functionDefinitionValue.
type definition struct {
	body     int32  // the key
	at       uint32 // where body is
	names    uint32 // where the list of argument names begins, or 0
	from, to int32  // its names in binds; see scopes
}

// A graph is an expression as it has been read. Its vertices are keys: those of
// the entries, and those that are only referred to.
type graph struct {
	nodes    []node
	keys     keySet
	entries  []int32 // per key: the node of the entry, or none
	defined  int     // how many keys have an entry
	names    keySet  // of argumentReferences
	defs     []definition
	trees    []int32 // invocations that parse trees
	reads    []int32 // invocations that read what is stored elsewhere
	result   int32   // the key, or none
	resultAt uint32

	hasValues bool
	stopped   bool // nodes were left out: too many, or too many findings
	unscoped  bool // a function definition is malformed, so what it binds is not known
	mistaken  rule // what was sent instead of an Expression, or 0
}

// hasResult reports whether result names an entry.
func (g *graph) hasResult() bool { return g.result != none && g.entries[g.result] != none }

// inside reports whether node n exists and is root or inside it.
func (g *graph) inside(n, root int32) bool {
	return n == root || int(n) < len(g.nodes) && g.nodes[n].depth > g.nodes[root].depth
}

// edge returns the key of the entry that a node refers to, or none.
func (g *graph) edge(v *node) int32 {
	switch v.kind {
	case kindReference, kindApplication:
		return v.link
	case kindDefinition:
		if v.link != none {
			return g.defs[v.link].body
		}
	}
	return none
}

// edgeAt returns the offset of the reference of a node that has one.
func (g *graph) edgeAt(v *node) int {
	if v.kind == kindDefinition {
		return int(g.defs[v.link].at)
	}
	return int(v.at)
}

// newNode adds a node that begins at an offset, even if it cannot be read, since an
// entry, an element and an argument each have one. It returns none if there are too
// many nodes or too many findings: the rest is then read as JSON alone.
func (s *scanner) newNode(at, depth int) int32 {
	n := len(s.nodes)
	if n >= maxNodes && !s.stopped {
		s.found.add(at, ruleTooManyNodes)
	}
	if n >= maxNodes || s.found.extra {
		s.stopped = true
		return none
	}
	s.at = at
	if n == cap(s.nodes) {
		reserve(s, &s.nodes, 1, maxNodes)
	}
	s.nodes = s.nodes[:n+1]
	v := &s.nodes[n]
	v.kind, v.does, v.depth, v.start, v.at, v.link = 0, 0, uint16(depth), uint32(at), 0, none
	return int32(n)
}

// keyNumber returns the number of a key of an entry or a reference.
func (s *scanner) keyNumber(k span) int32 {
	i := s.keys.find(s, 0, k)
	if i < 0 {
		i = s.keys.add(s, 0, k)
		*extend(s, &s.entries) = none
	}
	return int32(i)
}

// argumentNumber returns the number of a name in an argumentReference.
func (s *scanner) argumentNumber(k span) int32 {
	i := s.names.find(s, 0, k)
	if i < 0 {
		i = s.names.add(s, 0, k)
	}
	return int32(i)
}

// setKind takes a field of a ValueNode, whose key and value are at the given
// offsets, and returns the role of the value.
func (s *scanner) setKind(f *frame, at, v int, k kind, r role) role {
	s.treesAt = none
	if s.data[v] == 'n' && k != kindConstant {
		return roleAny
	}
	n := &s.nodes[f.node]
	if n.kind != 0 {
		s.found.add(at, ruleTwoKinds, kinds[n.kind].field)
		return roleAny
	}
	n.kind = k
	if k != kindInvocation { // whose name has not been read yet
		n.at = uint32(v)
	}
	f.ask = false
	if k == kindConstant && s.level == Strict && s.givesTrees(f) {
		s.readTrees(f, n, v)
	}
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
	case roleValues:
		s.hasValues = true
	}
	f.set |= 1 << number
	return r
}

// string takes the string from its opening quote at i to end.
func (s *scanner) string(r role, i, end int, plain bool) {
	switch {
	case r == roleConstant:
		return
	case !r.isString() && r != roleInteger:
		s.refuse(r, i, len(s.stack))
		return
	}
	text := span{uint32(i + 1), uint32(end - i - 2)}
	if !plain {
		text = s.text(i+1, end-1, false)
	}
	switch {
	case r == roleInteger:
		if !isInt64(s.bytes(text)) {
			s.found.add(i, ruleInteger)
		}
	case r == roleBytes:
		if !isBase64(s.bytes(text)) {
			s.found.add(i, ruleBase64)
		}
	case text.len == 0:
		s.unscoped = s.unscoped || r == roleArgumentName
		s.found.add(i, ruleEmptyText, wants[r][len("a string, "):])
	default:
		s.name(r, i, text)
	}
}

// name takes a text that is a name or a key.
func (s *scanner) name(r role, i int, text span) {
	f := &s.stack[len(s.stack)-1]
	switch r {
	case roleValueReference:
		s.nodes[f.node].link = s.keyNumber(text)
	case roleFunctionName:
		s.nodes[f.node].at = uint32(i)
		s.function(f, i, text)
	case roleArgumentReference:
		s.nodes[f.node].link = s.argumentNumber(text)
	case roleFunctionReference:
		v := &s.nodes[f.node]
		v.kind, v.at, v.link = kindApplication, uint32(i), s.keyNumber(text)
	case roleBody:
		d := &s.defs[len(s.defs)-1]
		d.body, d.at = s.keyNumber(text), uint32(i)
	case roleResult:
		s.result, s.resultAt = s.keyNumber(text), uint32(i)
	}
}

// literalValue takes true, false or null at i.
func (s *scanner) literalValue(r role, i int) {
	switch {
	case r == roleConstant:
	case r == roleNode && s.data[i] == 'n':
		s.newNode(i, len(s.stack))
		s.found.add(i, ruleNullNode)
	default:
		s.refuse(r, i, len(s.stack))
	}
}

// numberValue takes the number between two offsets.
func (s *scanner) numberValue(r role, i, end int) {
	switch {
	case r == roleConstant:
	case r != roleInteger:
		s.refuse(r, i, len(s.stack))
	case !isInt64(s.data[i:end]):
		s.found.add(i, ruleInteger)
	}
}

// refuse adds the finding that the value at an offset does not fit its role.
func (s *scanner) refuse(r role, at, depth int) {
	switch r {
	case roleExpression:
		if s.data[at] == '"' {
			s.found.add(at, rulePastedText)
			return
		}
	case roleNode:
		s.newNode(at, depth)
	case roleArguments:
		s.stack[depth-1].set |= 1 << fieldBroken
	case roleValues:
		s.hasValues = false // nothing can be looked up in it
	case roleDefinition, roleArgumentNames, roleArgumentName:
		s.unscoped = true
	}
	s.found.add(at, ruleWrongType, wants[r])
}
