package expression

// A kind is the field that a ValueNode sets; 0 if none. Upstream they are the
// members of one union, https://developers.google.com/earth-engine/reference/rest/v1beta/ValueNode.
type kind uint8

const (
	kindConstant kind = iota + 1
	kindInteger
	kindBytes
	kindArray
	kindDictionary
	kindDefinition
	kindInvocation
	kindArgument
	kindReference

	// Kinds that the check assigns, so that it need not decide again.
	kindApplication // an invocation by functionReference
	kindOpen        // an argument that no function definition binds
	kindPartlyBound // one that is bound on some paths only
)

// kinds has for each kind the field that sets it, in both spellings, the role of
// the field's value, and what a result of the kind is called if it is not a
// classifier.
var kinds = [...]struct {
	field, snake string
	role         role
	word         string
}{
	kindConstant:    {"constantValue", "constant_value", roleConstant, "a constant"},
	kindInteger:     {"integerValue", "integer_value", roleInteger, "an integer"},
	kindBytes:       {"bytesValue", "bytes_value", roleBytes, "bytes"},
	kindArray:       {"arrayValue", "array_value", roleArray, "a list"},
	kindDictionary:  {"dictionaryValue", "dictionary_value", roleDictionary, "a dictionary"},
	kindDefinition:  {"functionDefinitionValue", "function_definition_value", roleDefinition, "a function definition"},
	kindInvocation:  {"functionInvocationValue", "function_invocation_value", roleInvocation, ""},
	kindArgument:    {"argumentReference", "argument_reference", roleArgumentReference, ""},
	kindReference:   {"valueReference", "value_reference", roleValueReference, ""},
	kindApplication: {field: "functionInvocationValue"},
	kindOpen:        {}, kindPartlyBound: {},
}

// kindOf returns the kind that a field of a ValueNode sets, or 0.
func kindOf(name string) kind {
	for k := kindConstant; k <= kindReference; k++ {
		if name == kinds[k].field || name == kinds[k].snake {
			return k
		}
	}
	return 0
}

// Numbers of the fields of the other messages. They are bits in frame.given, and
// unrelated to protobuf's field numbers.
const (
	fieldResult = 1
	fieldValues = 2

	fieldArgumentNames = 1
	fieldBody          = 2

	fieldFunctionName      = 1
	fieldFunctionReference = 2
	fieldArguments         = 3
	fieldBroken            = 15 // not a field: there may be arguments that cannot be read
)

// field finds a member of an object of role r by its name, in either spelling.
// The number is 1 or more, unique within the object and, for a ValueNode, the
// kind; it is 0 if there is no such field. The members of a map have no
// numbers, and all are nodes.
func (r role) field(name []byte) (number uint8, child role) {
	switch {
	case r == roleNode:
		if k := kindOf(string(name)); k != 0 {
			return uint8(k), kinds[k].role
		}
	case r.isMap():
		return 0, roleNode
	case r == roleInvocation:
		switch string(name) {
		case "functionName", "function_name":
			return fieldFunctionName, roleFunctionName
		case "arguments":
			return fieldArguments, roleArguments
		case "functionReference", "function_reference":
			return fieldFunctionReference, roleFunctionReference
		}
	case r == roleDefinition:
		switch string(name) {
		case "argumentNames", "argument_names":
			return fieldArgumentNames, roleArgumentNames
		case "body":
			return fieldBody, roleBody
		}
	case r == roleExpression:
		switch string(name) {
		case "result":
			return fieldResult, roleResult
		case "values":
			return fieldValues, roleValues
		}
	case r == roleArray && string(name) == "values":
		return fieldValues, roleElements
	case r == roleDictionary && string(name) == "values":
		return fieldValues, roleEntries
	}
	return 0, roleAny
}

// commonField recognises the key at i, with its quotes, if it is one of the
// fields that nearly all of an expression is made of. It returns the index
// after it and what role.field says of it, or the number 0 if the key has to
// be read in the ordinary way.
func commonField(data []byte, i int, r role) (end int, number uint8, child role) {
	if i+25 > len(data) {
		return 0, 0, 0
	}
	b := data[i : i+25]
	switch {
	case r == roleInvocation:
		switch {
		case string(b[:14]) == `"functionName"`:
			return i + 14, fieldFunctionName, roleFunctionName
		case string(b[:11]) == `"arguments"`:
			return i + 11, fieldArguments, roleArguments
		}
	case string(b[:15]) == `"constantValue"`:
		return i + 15, uint8(kindConstant), roleConstant
	case string(b[:25]) == `"functionInvocationValue"`:
		return i + 25, uint8(kindInvocation), roleInvocation
	case string(b[:16]) == `"valueReference"`:
		return i + 16, uint8(kindReference), roleValueReference
	case string(b[:19]) == `"argumentReference"`:
		return i + 19, uint8(kindArgument), roleArgumentReference
	}
	return 0, 0, 0
}

// unknownTexts say what to do about an unknown field of an object.
var unknownTexts = [...]string{
	roleExpression: "remove it or correct it: an Expression has result and values",
	roleNode:       "remove it or correct it: a ValueNode sets one of " + allKinds,
	roleArray:      "remove it or correct it: an arrayValue has values",
	roleDictionary: "remove it or correct it: a dictionaryValue has values",
	roleDefinition: "remove it or correct it: a functionDefinitionValue has argumentNames and body",
	roleInvocation: "remove it or correct it: a functionInvocationValue has functionName or functionReference, and arguments",
}

const allKinds = "constantValue, integerValue, bytesValue, arrayValue, dictionaryValue, functionDefinitionValue, functionInvocationValue, argumentReference and valueReference"
