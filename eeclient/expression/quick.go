package expression

import "math/bits"

// Pieces of eight bytes of the names that occur most, the last of each with
// the quote that ends it.
var (
	wordConstant = word([]byte("constant"), 0)
	wordNtValue  = word([]byte(`ntValue"`), 0)
	wordFunction = word([]byte("function"), 0)
	wordInvocati = word([]byte("Invocati"), 0)
	wordOnValue  = word([]byte(`onValue"`), 0)
	wordIonName  = word([]byte(`ionName"`), 0)
	wordArgument = word([]byte("argument"), 0)
	wordReferenc = word([]byte("Referenc"), 0)
	wordValueRef = word([]byte("valueRef"), 0)
	wordFerence  = word([]byte(`ference"`), 0)
)

// quickField recognises the key at i, with its quotes, if it is one of the
// fields that nearly all of an expression is made of. It returns the index
// after it and what role.field says of it, or the number 0 if the key has to
// be read in the ordinary way.
func quickField(data []byte, i int, r role) (end int, number uint8, child role) {
	if i+25 > len(data) || data[i] != '"' {
		return 0, 0, 0
	}
	b := data[i+1 : i+25]
	first := word(b, 0)
	switch r {
	case roleNode:
		switch {
		case first == wordConstant && word(b, 6) == wordNtValue:
			return i + 15, uint8(kindConstant), roleConstant
		case first == wordFunction && word(b, 8) == wordInvocati && word(b, 16) == wordOnValue:
			return i + 25, uint8(kindInvocation), roleInvocation
		case first == wordValueRef && word(b, 7) == wordFerence:
			return i + 16, uint8(kindReference), roleValueReference
		case first == wordArgument && word(b, 8) == wordReferenc && b[16] == 'e' && b[17] == '"':
			return i + 19, uint8(kindArgument), roleArgumentReference
		}
	case roleInvocation:
		switch {
		case first == wordFunction && word(b, 5) == wordIonName:
			return i + 14, fieldFunctionName, roleFunctionName
		case first == wordArgument && b[8] == 's' && b[9] == '"':
			return i + 11, fieldArguments, roleArguments
		}
	}
	return 0, 0, 0
}

// quickNode takes the ValueNode at i if it has one of the two shapes that
// clients write nearly always, give or take whitespace:
//
//	{"constantValue": "…"}, or a valueReference or an argumentReference
//	{"functionInvocationValue": {"functionName": "…", "arguments": {
//
// with short text in plain ASCII. The first is taken whole, the second up to
// where the arguments begin, with opened set. It returns the index after what
// it took, or 0 if it took nothing because the node has to be read member by
// member. This is a shortcut and nothing else: either way gives the same.
func (s *scanner) quickNode(i int) (end int, opened bool) {
	data := s.data
	start := i
	i = skipSpace(data, i+1)
	if i >= len(data) || data[i] != '"' || len(s.stack)+3 > MaxDepth || len(s.nodes) >= MaxNodes {
		return 0, false
	}
	i, number, _ := quickField(data, i, roleNode)
	if number == 0 {
		return 0, false
	}
	at := skipColon(data, i)
	if at < 0 || at >= len(data) {
		return 0, false
	}
	if kind(number) == kindInvocation {
		return s.quickCall(start, at), true
	}
	// Of numbers only small positive integers, which need no second look: those
	// are the sizes and factors that constants mostly are.
	switch c := data[at]; {
	case c == '"':
		end = plainString(data, at)
	case c >= '1' && c <= '9' && kind(number) == kindConstant:
		for end = at + 1; end < len(data) && end < at+15 && digit(data[end]); end++ {
		}
	}
	if end == 0 {
		return 0, false
	}
	i = skipSpace(data, end)
	if i >= len(data) || data[i] != '}' {
		return 0, false
	}
	text := span{uint32(at + 1), uint32(end - at - 2)}
	if text.len == 0 && kind(number) != kindConstant {
		return 0, false
	}
	// From here on things are taken, and it must not fail.
	n, _ := s.newNode(start)
	v := &s.nodes[n]
	v.kind = kind(number)
	switch {
	case v.kind == kindReference:
		v.text.at, v.text.len, v.at = text.at, text.len, uint32(at)
		s.refer(text, at, -1)
	case v.kind == kindArgument:
		s.args = append(s.args, use{name: s.name(text), at: uint32(at)})
	case data[at] == '"':
		v.text.at, v.text.len = text.at, text.len
	}
	return i + 1, false
}

// quickCall is quickNode for an invocation; at is where the value of
// functionInvocationValue begins.
func (s *scanner) quickCall(start, at int) int {
	data := s.data
	if data[at] != '{' {
		return 0
	}
	i := skipSpace(data, at+1)
	i, number, _ := quickField(data, i, roleInvocation)
	if number != fieldFunctionName {
		return 0
	}
	name := skipColon(data, i)
	if name < 0 || name >= len(data) || data[name] != '"' {
		return 0
	}
	end := plainString(data, name)
	if end <= name+2 {
		return 0
	}
	i = skipSpace(data, end)
	if i >= len(data) || data[i] != ',' {
		return 0
	}
	i, number, _ = quickField(data, skipSpace(data, i+1), roleInvocation)
	if number != fieldArguments {
		return 0
	}
	i = skipColon(data, i)
	if i < 0 || i >= len(data) || data[i] != '{' {
		return 0
	}

	// From here on things are taken, and it must not fail.
	n, _ := s.newNode(start)
	s.nodes[n].kind = kindInvocation
	s.open3(n, start, at, i)
	s.function(span{uint32(name + 1), uint32(end - name - 2)}, name)
	return i + 1
}

// open3 puts on the stack what is open where the arguments of an invocation
// begin: the node, its functionInvocationValue, and the arguments.
func (s *scanner) open3(n int32, at ...int) {
	for k, r := range [...]role{roleNode, roleInvocation, roleArguments} {
		f := extend(&s.stack)
		f.role, f.end, f.ask = r, '}', false
		f.given, f.set = quickGiven[k], quickGiven[k]
		f.node, f.start, f.keys = n, uint32(at[k]), uint32(len(s.open.keys))
	}
}

// quickGiven are the fields that these three have by then.
var quickGiven = [...]uint16{1 << kindInvocation, 1<<fieldFunctionName | 1<<fieldArguments, 0}

// plainString returns the index after the string at i if that is short and
// without escapes, or else 0.
func plainString(data []byte, i int) int {
	i++
	for n := 0; n < 4 && i+8 <= len(data); n++ {
		if m := special(word(data, i)); m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			if data[i] == '"' {
				return i + 1
			}
			return 0
		}
		i += 8
	}
	return 0
}
