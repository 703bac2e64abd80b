package expression

// A role is what a JSON value is to the expression it is part of. It decides
// which types are accepted and what the members of an object mean.
type role uint8

const (
	// roleAny is any JSON: a constant, or a misplaced value, which is read for
	// its syntax alone.
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

// asks reports whether an object of this role lacks something if it has no
// members.
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

// container returns the role of the object or list that c opens in place of a
// value of role r: r itself if that fits, and roleAny otherwise.
func (r role) container(c byte) role {
	if c == '{' && r.isObject() || c == '[' && (r == roleElements || r == roleArgumentNames) {
		return r
	}
	return roleAny
}
