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

	// What a node turns out to be, so that it need not be looked at again.
	kindApplication // an invocation by functionReference
	kindOpen        // an argument that no function definition binds
	kindPartlyBound // one that is bound on some paths only
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

	kindApplication: "functionInvocationValue",
}

func (k kind) String() string { return kindNames[k] }

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
	fieldBroken            = 15 // not a field: arguments may be given that cannot be read
)

// field finds a member of an object of role r by its name, in either spelling.
// The number is 1 or more, unique within the object and, for a ValueNode, the
// kind; it is 0 if there is no such field. The members of a map have no
// numbers, and all are nodes.
func (r role) field(name []byte) (number uint8, child role) {
	switch {
	case r == roleNode:
		if k := kindOf(string(name)); k != 0 {
			return uint8(k), kindRoles[k]
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

// kindOf returns the kind that a field of a ValueNode sets, or 0.
func kindOf(name string) kind {
	switch name {
	case "constantValue", "constant_value":
		return kindConstant
	case "integerValue", "integer_value":
		return kindInteger
	case "bytesValue", "bytes_value":
		return kindBytes
	case "arrayValue", "array_value":
		return kindArray
	case "dictionaryValue", "dictionary_value":
		return kindDictionary
	case "functionDefinitionValue", "function_definition_value":
		return kindDefinition
	case "functionInvocationValue", "function_invocation_value":
		return kindInvocation
	case "argumentReference", "argument_reference":
		return kindArgument
	case "valueReference", "value_reference":
		return kindReference
	}
	return 0
}

// kindRoles are the roles of the values by the kind of node that they make.
var kindRoles = [...]role{
	kindConstant:   roleConstant,
	kindInteger:    roleInteger,
	kindBytes:      roleBytes,
	kindArray:      roleArray,
	kindDictionary: roleDictionary,
	kindDefinition: roleDefinition,
	kindInvocation: roleInvocation,
	kindArgument:   roleArgumentReference,
	kindReference:  roleValueReference,
}

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

// commonField recognises the key at i, with its quotes, if it is one of the
// fields that nearly all of an expression is made of. It returns the index
// after it and what role.field says of it, or the number 0 if the key has to
// be read in the ordinary way.
func commonField(data []byte, i int, r role) (end int, number uint8, child role) {
	if i+25 > len(data) {
		return 0, 0, 0
	}
	b := data[i+1 : i+25]
	first := word(b, 0)
	if r == roleInvocation {
		switch {
		case first == wordFunction && word(b, 5) == wordIonName:
			return i + 14, fieldFunctionName, roleFunctionName
		case first == wordArgument && b[8] == 's' && b[9] == '"':
			return i + 11, fieldArguments, roleArguments
		}
		return 0, 0, 0
	}
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
