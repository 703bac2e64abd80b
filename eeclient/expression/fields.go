package expression

// A role is what a JSON value is to the expression it is part of. It decides
// which types are welcome and what the members of an object mean.
type role uint8

const (
	// roleAny is any JSON: a constant, or what stands where it should not and
	// is read for its syntax alone.
	roleAny role = iota

	// Objects with fields.
	roleExpression
	roleNode
	roleDefinition
	roleInvocation
	roleArray
	roleDictionary

	// Objects whose keys are the sender's: maps of nodes.
	roleValues
	roleEntries // of a dictionaryValue
	roleArguments

	// Lists.
	roleElements // of an arrayValue
	roleArgumentNames

	// Strings.
	roleResult
	roleBody
	roleFunctionReference
	roleValueReference
	roleFunctionName
	roleArgumentName
	roleArgumentReference
	roleBytes

	// A string or a number.
	roleInteger

	// roleConstant is roleAny that is the constant of a node.
	roleConstant
)

// wants says what a value must be, for "must be …". Those of strings begin
// alike, so that what comes after can also follow "must not be empty; give …".
var wants = [...]string{
	roleExpression:        `an object with "result" and "values"`,
	roleNode:              "an object: a ValueNode",
	roleArray:             `an object with "values"`,
	roleDictionary:        `an object with "values"`,
	roleDefinition:        `an object with "argumentNames" and "body"`,
	roleInvocation:        `an object with "functionName" and "arguments"`,
	roleValues:            "an object that maps keys to ValueNodes",
	roleEntries:           "an object that maps keys to ValueNodes",
	roleArguments:         "an object that maps argument names to ValueNodes",
	roleElements:          "a list of ValueNodes",
	roleArgumentNames:     "a list of strings",
	roleResult:            "a string, the key of an entry of values",
	roleBody:              "a string, the key of an entry of values",
	roleFunctionReference: "a string, the key of an entry of values",
	roleValueReference:    "a string, the key of an entry of values",
	roleFunctionName:      "a string, the name of a function",
	roleArgumentName:      "a string, the name of an argument",
	roleArgumentReference: "a string, the name of an argument",
	roleBytes:             "a string of base64",
	roleInteger:           "an integer, as a string or a number",
}

// isObject reports whether a value of this role is an object.
func (r role) isObject() bool { return r >= roleExpression && r <= roleArguments }

// isMap reports whether it is one whose keys are the sender's.
func (r role) isMap() bool { return r >= roleValues && r <= roleArguments }

// isString reports whether a value of this role is a string and no other.
func (r role) isString() bool { return r >= roleResult && r <= roleBytes }

// asks reports whether an object of this role lacks something as long as it
// has no members.
func (r role) asks() bool {
	return r >= roleExpression && r <= roleInvocation
}

// element is the role of the elements of a list.
func (r role) element() role {
	switch r {
	case roleElements:
		return roleNode
	case roleArgumentNames:
		return roleArgumentName
	}
	return roleAny
}

// container is the role of the object or list that c opens where a value of
// role r is due: r itself if that is what it takes, and else any JSON.
func (r role) container(c byte) role {
	if c == '{' && r.isObject() || c == '[' && (r == roleElements || r == roleArgumentNames) {
		return r
	}
	return roleAny
}

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
)

// kindNames are the fields by the kind that they set.
var kindNames = [...]string{
	kindConstant:   "constantValue",
	kindInteger:    "integerValue",
	kindBytes:      "bytesValue",
	kindArray:      "arrayValue",
	kindDictionary: "dictionaryValue",
	kindDefinition: "functionDefinitionValue",
	kindInvocation: "functionInvocationValue",
	kindArgument:   "argumentReference",
	kindReference:  "valueReference",
}

// Numbers of the fields of the other messages. They are bits in frame.given, and
// have nothing to do with the numbers that protobuf gives to fields.
const (
	fieldResult = 1
	fieldValues = 2

	fieldArgumentNames = 1
	fieldBody          = 2

	fieldFunctionName      = 1
	fieldFunctionReference = 2
	fieldArguments         = 3
)

// field finds a member of an object of role r by its name, in either spelling.
// The number is 1 or more, unique within the object and, for a ValueNode, the
// kind; it is 0 if there is no such field. The members of a map have no
// numbers, and all are nodes.
func (r role) field(name []byte) (number uint8, child role) {
	switch {
	case r == roleNode:
		return nodeField(name)
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

// nodeField is field for a ValueNode. What occurs most is compared first, one
// after the other: a switch over all becomes an indirect jump, which costs
// more than it saves where processors are kept from predicting them.
func nodeField(name []byte) (uint8, role) {
	if string(name) == "constantValue" {
		return uint8(kindConstant), roleConstant
	}
	if string(name) == "functionInvocationValue" {
		return uint8(kindInvocation), roleInvocation
	}
	if string(name) == "valueReference" {
		return uint8(kindReference), roleValueReference
	}
	if string(name) == "argumentReference" {
		return uint8(kindArgument), roleArgumentReference
	}
	switch string(name) {
	case "constant_value":
		return uint8(kindConstant), roleConstant
	case "integerValue", "integer_value":
		return uint8(kindInteger), roleInteger
	case "bytesValue", "bytes_value":
		return uint8(kindBytes), roleBytes
	case "arrayValue", "array_value":
		return uint8(kindArray), roleArray
	case "dictionaryValue", "dictionary_value":
		return uint8(kindDictionary), roleDictionary
	case "functionDefinitionValue", "function_definition_value":
		return uint8(kindDefinition), roleDefinition
	case "function_invocation_value":
		return uint8(kindInvocation), roleInvocation
	case "argument_reference":
		return uint8(kindArgument), roleArgumentReference
	case "value_reference":
		return uint8(kindReference), roleValueReference
	}
	return 0, roleAny
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
