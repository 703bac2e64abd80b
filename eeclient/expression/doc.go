// Package expression checks an Earth Engine Expression before it is sent:
// its shape, its graph of references, the scope of its arguments and, under
// [Strict], whether the classifier it evaluates to can be exported at all.
// Earth Engine itself looks at an expression only when the batch task runs,
// minutes or hours after it was accepted.
//
//	summary, err := expression.Check(data, expression.Strict)
//	var invalid *expression.InvalidError
//	if errors.As(err, &invalid) {
//		for _, v := range invalid.Violations {
//			fmt.Println(v.Path, v.Description)
//		}
//	}
//
// # What an Expression is
//
// The upstream type is described at
// https://developers.google.com/earth-engine/reference/rest/v1beta/Expression:
//
//	{"result": key, "values": {key: ValueNode}}
//
// A ValueNode sets exactly one of constantValue, integerValue (an int64, as a
// string or a number), bytesValue (base64, either alphabet, padding optional),
// arrayValue {values}, dictionaryValue {values}, functionDefinitionValue
// {argumentNames, body}, functionInvocationValue {functionName or
// functionReference, arguments}, argumentReference and valueReference. The
// JSON is protobuf's mapping (https://protobuf.dev/programming-guides/json/):
// lowerCamelCase and snake_case names are the same field, and null leaves a
// field unset. The one exception is constantValue, whose null is the null of
// google.protobuf.Value. A null among the elements of a list or a map of
// nodes stands for no node and is refused.
//
// # What is checked
//
// Every level refuses what is not JSON (RFC 8259, with UTF-8 required, no
// lone surrogates and no repeated key in any object, compared after
// unescaping) and what exceeds the limits of this package.
//
// [Structure] adds: the shape above; result, body, functionReference and each
// valueReference name an entry of values; no reference leads back to itself;
// each argumentReference is bound by a function definition on every path from
// result to it. Official clients hoist shared nodes out into values, so scope
// is a property of paths through the graph and not of nesting. Entries that
// result does not reach are held to everything but scope, which for them is
// vacuous.
//
// [Strict] adds: result evaluates to a classifier that Earth Engine can
// export. What the expression alone does not decide is allowed.
//
// Findings build on one another, so some checks wait for others to pass: the
// scope of arguments is decided once there is no cycle and every function
// definition is well formed, and the classifier once there is no cycle.
//
// # Cost
//
// The bytes are read once, by a state machine that keeps its own stack;
// nothing recurses on the depth of the input. The walk of the graph is linear
// but for the scope of arguments, which is linear up to 64 argument names and
// near linear above that. Paths are worked out by a second reading, and only
// when there is something to report.
package expression
