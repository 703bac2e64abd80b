package expression

// none is the index of no node, entry, definition or name.
const none = -1

// A node is a ValueNode, wherever it stands. Nodes are numbered in the order of
// the document, so those inside one follow it and are deeper.
type node struct {
	kind  kind
	use   use    // of an invocation
	depth uint16 // how many objects and lists it stands in
	start uint32 // where it begins
	at    uint32 // where its value begins; of an invocation, the function's name
	// link is the entry that a valueReference or an application leads to, the
	// name of an argumentReference, the definition of a function, and the node
	// of the argument of an invocation that its use is about; none if there is
	// no such thing.
	link int32
}

// A definition is a functionDefinitionValue.
type definition struct {
	body     int32  // the entry
	at       uint32 // where body stands
	names    uint32 // where the list of argument names begins, or 0
	from, to int32  // its names, as scope numbers them, in binds
}

// A given is an argument of an invocation.
type given struct {
	name span
	node int32
}

// A graph is an expression as the scanner hands it to the walks. Its vertices
// are the keys: those of the entries, and those that are referred to without
// being one.
type graph struct {
	nodes    []node
	keys     keySet
	entries  []int32 // per key: its node, or none
	names    keySet  // of argumentReferences
	defs     []definition
	trees    []int32 // the invocations whose argument is decision trees
	reads    []int32 // the invocations that read what is stored elsewhere
	result   int32   // the key
	resultAt uint32

	hasValues bool
	tooMany   bool // there are more than MaxNodes nodes
	unscoped  bool // a function definition is malformed, so what it binds is not known
	mistaken  rule // what the expression is instead of one, or 0
}

// hasResult reports whether result names an entry.
func (g *graph) hasResult() bool { return g.result != none && g.entries[g.result] != none }

// inside reports whether node n exists and is the given one or inside it.
func (g *graph) inside(n, root int32) bool {
	return n == root || int(n) < len(g.nodes) && g.nodes[n].depth > g.nodes[root].depth
}

// edge returns the key that a node refers to, or none.
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

// edgeAt returns where the reference of a node stands that has one.
func (g *graph) edgeAt(v *node) int {
	if v.kind == kindDefinition {
		return int(g.defs[v.link].at)
	}
	return int(v.at)
}

// newNode adds a node that begins at an offset. It returns none if there are
// too many, which is found once.
func (s *scanner) newNode(at, depth int) int32 {
	n := len(s.nodes)
	if n >= MaxNodes {
		if !s.tooMany {
			s.tooMany = true
			s.found.add(at, ruleTooManyNodes)
		}
		return none
	}
	v := extend(&s.nodes)
	v.kind, v.use, v.depth, v.start, v.at, v.link = 0, 0, uint16(depth), uint32(at), 0, none
	return int32(n)
}

// brokenNode stands in for a node, so that whoever counts on it finds one.
func (s *scanner) brokenNode(at, depth int) { s.newNode(at, depth) }

// key numbers the keys of entries and of references.
func (s *scanner) key(k span) int32 {
	i := s.keys.find(s, 0, k)
	if i < 0 {
		i = s.keys.add(s, 0, k)
		*extend(&s.entries) = none
	}
	return int32(i)
}

// name numbers the names of arguments that are referred to.
func (s *scanner) name(k span) int32 {
	i := s.names.find(s, 0, k)
	if i < 0 {
		i = s.names.add(s, 0, k)
	}
	return int32(i)
}

// setKind takes a field of a ValueNode, whose key and value are at the given
// offsets, and returns the role of the value.
func (s *scanner) setKind(f *frame, at, v int, k kind, r role) role {
	if s.data[v] == 'n' && k != kindConstant {
		return roleAny
	}
	n := &s.nodes[f.node]
	if n.kind != 0 {
		s.found.add(at, ruleTwoKinds, n.kind.String())
		return roleAny
	}
	n.kind, n.at = k, uint32(v)
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
	case roleValues:
		s.hasValues = true
	}
	f.set |= 1 << number
	return r
}

// maxGiven is how many arguments of an invocation are remembered. The functions
// of Earth Engine take up to 23.
const maxGiven = 64

// argument takes the name of an argument, whose node comes next.
func (s *scanner) argument(f *frame, at int, name span) {
	if name.len == 0 {
		s.found.add(at, ruleEmptyText, "the argument a name")
	}
	if len(s.given)-int(f.args) < maxGiven {
		g := extend(&s.given)
		g.name.at, g.name.len, g.node = name.at, name.len, int32(len(s.nodes))
	}
}

// string takes the string from its opening quote at i to end, in a role.
func (s *scanner) string(r role, i, end int, plain bool) {
	switch {
	case r == roleConstant:
		return
	case !r.isString() && r != roleInteger:
		s.refuse(r, i, len(s.stack))
		return
	}
	text := s.text(i+1, end-1, plain)
	switch r {
	case roleInteger:
		if !isInt64(s.bytes(text)) {
			s.found.add(i, ruleInteger)
		}
		return
	case roleBytes:
		if !isBase64(s.bytes(text)) {
			s.found.add(i, ruleBase64)
		}
		return
	}
	if text.len == 0 {
		s.unscoped = s.unscoped || r == roleArgumentName
		s.found.add(i, ruleEmptyText, wants[r][len("a string, "):])
		return
	}
	if r == roleArgumentName {
		return
	}
	if r == roleResult {
		s.result, s.resultAt = s.key(text), uint32(i)
		return
	}
	f := &s.stack[len(s.stack)-1]
	v := &s.nodes[f.node]
	switch r {
	case roleValueReference:
		v.link = s.key(text)
	case roleArgumentReference:
		v.link = s.name(text)
	case roleFunctionName:
		v.at = uint32(i)
		s.function(f, v, i, text)
	case roleFunctionReference:
		v.kind, v.at, v.link = kindApplication, uint32(i), s.key(text)
	case roleBody:
		d := &s.defs[len(s.defs)-1]
		d.body, d.at = s.key(text), uint32(i)
	}
}

// literalValue takes true, false or null at i.
func (s *scanner) literalValue(r role, i int) {
	switch {
	case r == roleConstant:
	case r == roleNode && s.data[i] == 'n':
		s.brokenNode(i, len(s.stack))
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

// refuse finds that the value at an offset is not what its role wants.
func (s *scanner) refuse(r role, at, depth int) {
	switch r {
	case roleExpression:
		if s.data[at] == '"' {
			s.found.add(at, rulePastedText, "")
			return
		}
	case roleNode:
		s.brokenNode(at, depth)
	case roleArguments:
		s.stack[depth-1].set |= 1 << fieldBroken
	case roleValues:
		s.hasValues = false // nothing can be looked up in it
	case roleDefinition, roleArgumentNames, roleArgumentName:
		s.unscoped = true
	}
	s.found.add(at, ruleWrongType, wants[r])
}
