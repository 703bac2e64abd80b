package expression

// A rule is one way for an Expression to be wrong.
type rule uint8

const (
	// What is sent instead of an Expression.
	rulePastedText rule = iota + 1
	ruleBareNode
	ruleOlderEncoding
	ruleClientObject

	// Objects and their fields.
	ruleWrongType
	ruleUnknownField
	ruleDuplicateKey
	ruleRequired
	ruleEmptyText

	// ValueNodes.
	ruleNullNode
	ruleEmptyNode
	ruleTwoKinds
	ruleInteger
	ruleBase64
	ruleTwoFunctions
	ruleNoFunction
	ruleTooManyNodes

	// References to entries.
	ruleDangling
	ruleCycle

	// References to arguments, and the request's arguments.
	ruleUnbound
	rulePartlyBound
	ruleTooManyNames
	ruleNotGiven
	ruleNotOpen
	ruleNotConstant
	ruleTooManyArguments
	ruleFilledTooLarge

	// Functions and their arguments, under Strict.
	ruleFunctionName
	ruleArgumentName
	ruleMissingArgument

	// The classifier, under Strict.
	ruleNotClassifier
	ruleNotExportable
	ruleTreeOrder
	ruleTreeEnd
	ruleNoTree

	numRules
)

// rules has the text of each rule, whose verbs stand for the details of a
// finding, and an example: an expression that breaks this rule and no other, or
// if it begins with a key, the entries of one whose result is "0". The texts are
// read by whoever sent the request, who may know Earth Engine's clients and not
// its wire format, so each names the field as it is spelled in JSON and ends
// with a way out.
//
// Tests check each example, and RULES.md is made of the table.
var rules = [numRules]struct{ example, text string }{
	rulePastedText: {
		`"{\"result\": \"0\", \"values\": {}}"`,
		`must be an object, and this is text; parse what serialize() returns first: json.loads(classifier.serialize()) in Python, JSON.parse(classifier.serialize()) in JavaScript`,
	},
	ruleBareNode: {
		`{"functionInvocationValue": {"functionName": "Classifier.smileCart"}}`,
		`this is a ValueNode and not an Expression; write {"result": "0", "values": {"0": …}} with the node in place of …`,
	},
	ruleOlderEncoding: {
		`{"type": "CompoundValue", "scope": [], "value": {"type": "ValueRef", "value": "0"}}`,
		`this is an older encoding; use ee.serializer.encode(classifier, for_cloud_api=True) in Python, JSON.parse(classifier.serialize()) in JavaScript`,
	},
	ruleClientObject: {
		`{"Serializable$values": {"result": "0", "values": {}}}`,
		`this is the client's object and not its JSON; use JSON.parse(classifier.serialize())`,
	},

	ruleWrongType: {
		`"0": {"arrayValue": []}`,
		`must be %s`,
	},
	ruleUnknownField: {
		`"0": {"constantValue": 1, "constant": 1}`,
		`unknown field; %s`,
	},
	ruleDuplicateKey: {
		`"0": {"constantValue": 1}, "0": {"constantValue": 2}`,
		`this key was already given in the same object%s; give it once`,
	},
	ruleRequired: {
		`{"values": {"0": {"constantValue": 1}}}`,
		`this field is required; set it to %s`,
	},
	ruleEmptyText: {
		`"0": {"valueReference": ""}`,
		`must not be empty; give %s`,
	},

	ruleNullNode: {
		`"0": {"arrayValue": {"values": [null]}}`,
		`null is not a ValueNode; leave the element out, or write {"constantValue": null}`,
	},
	ruleEmptyNode: {
		`"0": {}`,
		`this ValueNode sets no value; set exactly one of ` + allKinds,
	},
	ruleTwoKinds: {
		`"0": {"constantValue": 1, "integerValue": "1"}`,
		`a ValueNode sets exactly one value, and this one already sets %s; remove one of them`,
	},
	ruleInteger: {
		`"0": {"integerValue": 1.5}`,
		`must be an integer between -9223372036854775808 and 9223372036854775807, as a string or a number`,
	},
	ruleBase64: {
		`"0": {"bytesValue": "a*b"}`,
		`must be base64, in the standard or the URL-safe alphabet`,
	},
	ruleTwoFunctions: {
		`"0": {"functionInvocationValue": {"functionName": "f", "functionReference": "1"}}, "1": {"constantValue": 1}`,
		`the function is already given by %s; remove one of functionName and functionReference`,
	},
	ruleNoFunction: {
		`"0": {"functionInvocationValue": {"arguments": {}}}`,
		`no function is given; set functionName or functionReference`,
	},
	ruleTooManyNodes: {
		``,
		`there are more than 500,000 ValueNodes; split the expression, or save a part of it as an asset and load that`,
	},

	ruleDangling: {
		`"0": {"valueReference": "1"}`,
		`there is no entry %s in values; add it or correct this reference`,
	},
	ruleCycle: {
		`"0": {"arrayValue": {"values": [{"valueReference": "0"}]}}`,
		`this reference leads back to itself: %s; remove one reference of the cycle`,
	},

	ruleUnbound: {
		`"0": {"argumentReference": "end"}`,
		`the place %s is open; give its value in the request's arguments, or bind it by a function definition whose body leads here`,
	},
	rulePartlyBound: {
		`"0": {"arrayValue": {"values": [{"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}, {"valueReference": "1"}]}}, "1": {"argumentReference": "x"}`,
		`the argument %s is not bound on every path from result: this node is also reached from outside the function that binds it; refer to it from inside the body alone`,
	},
	ruleTooManyNames: {
		``,
		`there are too many different argument names (%d) for an expression of this size; use the same names in functions that are not inside one another`,
	},
	ruleNotGiven: {
		`"0": {"arrayValue": {"values": [{"argumentReference": "start"}, {"argumentReference": "end"}]}}`,
		`the place %s is open, and the request's arguments have no value for it; give it, or correct the name`,
	},
	ruleNotOpen: {
		`"0": {"constantValue": 1}`,
		`the expression has no open place of this name; correct the name, or remove the argument`,
	},
	ruleNotConstant: {
		`"0": {"argumentReference": "end"}`,
		`must be a constant: %s`,
	},
	ruleTooManyArguments: {
		``,
		`there are more than 1,000 arguments; give only what the expression leaves open`,
	},
	ruleFilledTooLarge: {
		``,
		`with %s filled in up to here, the arguments make the expression more than 10 MiB longer; put a large value into values once, and refer to it`,
	},

	ruleFunctionName: {
		`"0": {"functionInvocationValue": {"functionName": "ee.Classifier.smileCart"}}`,
		`Earth Engine has no function %s; write %s`,
	},
	ruleArgumentName: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.smileRandomForest", "arguments": {"numberOfTree": {"constantValue": 10}}}}`,
		`%s has no argument %s; write %s`,
	},
	ruleMissingArgument: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.smileRandomForest", "arguments": {"seed": {"constantValue": 1}}}}`,
		`this argument of %s is required; give it`,
	},

	ruleNotClassifier: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.explain", "arguments": {"classifier": {"functionInvocationValue": {"functionName": "Classifier.smileCart"}}}}}`,
		`result must evaluate to a classifier that can be exported (` + exportableNames + `), and this is %s; make result the classifier`,
	},
	ruleNotExportable: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.libsvm"}}`,
		`%s cannot be exported: Earth Engine exports only ` + exportableNames + `; use one of these`,
	},
	ruleTreeOrder: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.decisionTree", "arguments": {"treeString": {"constantValue": "1) root\n2) B4<0.5\n4) B3<0.2 *\n3) B4>=0.5 *"}}}}`,
		`tree %d, line %d: expected %d, got %s; ` + treeOrder,
	},
	ruleTreeEnd: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.decisionTree", "arguments": {"treeString": {"constantValue": "1) root\n2) B4<0.5 *"}}}}`,
		`tree %d ends at line %d: expected %d; ` + treeOrder,
	},
	ruleNoTree: {
		`"0": {"functionInvocationValue": {"functionName": "Classifier.decisionTree", "arguments": {"treeString": {"constantValue": "root"}}}}`,
		`this text holds no tree; write a line for each node, as "1) root 9 9 9", and nothing before its number`,
	},
}

// treeOrder says in which order the nodes of a tree come.
const treeOrder = `node N is followed by its left child 2N or, if its line ends in *, by the right child that the nearest node above still lacks`
