// Package expression checks an Earth Engine Expression before it is sent: its
// shape, its references, the scope of its arguments and, under [Strict], whether
// Earth Engine can export the classifier that it evaluates to. Earth Engine looks
// at an expression only when the batch task runs, up to hours after accepting it.
//
// Reading and checking are two steps, because a request may have what the check
// needs after the expression:
//
//	e, err := expression.Parse(data, expression.Strict) // a *SyntaxError
//	…
//	result, err := e.Check(expression.Options{Arguments: arguments})
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
// field unset. The exception is constantValue, whose null is the null of
// google.protobuf.Value. A null in a list or a map of nodes is not a node and is
// refused.
//
// # What is checked
//
// RULES.md lists all rules with examples. Every level refuses what is not JSON
// (RFC 8259, with valid UTF-8, no lone surrogates, and no key twice in an object,
// compared after unescaping) and what exceeds the limits of this package.
//
// [Structure] adds: the shape above; result, body, functionReference and each
// valueReference name an entry of values; no reference leads back to itself; a
// function definition binds each argumentReference on every path from result to
// it. Official clients hoist shared nodes into values, so scope is a property of
// paths through the graph and not of nesting. Entries that result does not lead
// to have no such path.
//
// [Strict] adds: the result can be a classifier that Earth Engine exports; the
// constant texts given to decisionTree and decisionTreeEnsemble are whole trees;
// no name of a function or of an argument is one slip away from a known one; no
// required argument is missing. The known signatures are in algorithms.tsv.
// Other unknown names pass, since Earth Engine grows, and so does what the
// expression alone does not decide.
//
// A check that needs the result of another is left out if that fails: scope is
// checked if there is no cycle and every function definition is well formed, and
// the classifier if there is no cycle.
//
// # Reads
//
// If [Options] limit what may be read, everything that the expression loads must be
// a constant within a prefix, in place or by a valueReference: the id given to
// Image.load, ImageCollection.load and Classifier.load, the tableId to
// Collection.loadTable, the url to Blob, and the uri to Image.loadGeoTIFF,
// Image.loadMosaic, Image.loadZarrV2Array and ImageCollection.loadZarrV2Array. Any
// other function whose name says that it loads, runs a query or calls a model is
// denied. Entries that result does not lead to count as well.
//
// # Cost
//
// Time and memory are proportional to the input, whatever it is: 10 MB of the
// worst take well below 2 seconds and less than five times their size. A state
// machine with a stack of its own reads the bytes once; nothing recurses on the
// depth of the input. Paths are found by reading again, if there is a violation.
package expression
