package expression

import (
	"errors"
	"strings"
	"testing"
)

// entries makes an expression whose result is the entry "0".
func entries(values string) string { return `{"result": "0", "values": {` + values + `}}` }

// one makes an expression of one node.
func one(node string) string { return entries(`"0": ` + node) }

// at0 is the path of that node.
const at0 = `expression.values["0"]`

// broken has invalid expressions, each with all violations to find.
var broken = []struct {
	name  string
	in    string
	level Level
	want  []Violation // Description is a part of the one expected
}{
	// The expression itself.
	{"an expression is an object", `[]`, Off, []Violation{{`expression`, "must be an object"}}},
	{"null is not an expression", `null`, Structure, []Violation{{`expression`, "must be an object"}}},
	{"result is required", `{"values": {}}`, Structure, []Violation{{`expression.result`, "required"}}},
	{"a null result is a missing one", `{"result": null, "values": {}}`, Structure, []Violation{{`expression.result`, "required"}}},
	{"values is required", `{"result": "0"}`, Structure, []Violation{{`expression.values`, "required"}}},
	{"null values are missing ones", `{"result": "0", "values": null}`, Structure, []Violation{{`expression.values`, "required"}}},
	{"an empty expression lacks both", `{}`, Structure, []Violation{{`expression.result`, "required"}, {`expression.values`, "required"}}},
	{"values is an object", `{"result": "0", "values": []}`, Structure, []Violation{{`expression.values`, "must be an object"}}},
	{"result is a string", `{"result": 0, "values": {}}`, Structure, []Violation{{`expression.result`, "must be a string"}}},
	{"result is not empty", `{"result": "", "values": {}}`, Structure, []Violation{{`expression.result`, "must not be empty"}}},
	{"an expression has no other fields", `{"result": "0", "values": {"0": {"constantValue": 1}}, "results": "0"}`, Structure, []Violation{{`expression.results`, "unknown field"}}},
	{"a key of values is not empty", entries(`"0": {"constantValue": 1}, "": {"constantValue": 1}`), Structure, []Violation{{`expression.values[""]`, "must not be empty"}}},

	// Repeated keys.
	{"a repeated entry", entries(`"0": {"constantValue": 1}, "0": {"constantValue": 1}`), Structure, []Violation{{at0, "already given"}}},
	{"a key repeated in another spelling of its characters", entries(`"0": {"constantValue": 1}, "\u0030": {"constantValue": 1}`), Structure, []Violation{{at0, "already given"}}},
	{"a field repeated", `{"result": "0", "result": "0", "values": {"0": {"constantValue": 1}}}`, Structure, []Violation{{`expression.result`, "already given"}}},
	{"a field repeated in its other name", one(`{"constantValue": 1, "constant_value": 1}`), Structure, []Violation{{at0 + `.constant_value`, "other spelling"}}},
	{"an argument repeated", one(`{"functionInvocationValue": {"functionName": "f", "arguments": {"a": {"constantValue": 1}, "a": {"constantValue": 2}}}}`), Structure, []Violation{{at0 + `.functionInvocationValue.arguments["a"]`, "already given"}}},
	{"a key repeated inside a constant", one(`{"constantValue": [{"a": {"b": 1, "\u0062": 2}}]}`), Structure, []Violation{{at0 + `.constantValue[0]["a"]["b"]`, "already given"}}},
	{"a key repeated when nothing else is checked", `{"a": [0, {"b": 1, "b": 2}]}`, Off, []Violation{{`expression.a[1]["b"]`, "already given"}}},
	{"the last of many keys repeated", one(`{"constantValue": {"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"r":1,"s":1,"s":1}}`), Structure, []Violation{{at0 + `.constantValue["s"]`, "already given"}}},

	// Nodes.
	{"a node is an object", one(`"x"`), Structure, []Violation{{at0, "must be an object: a ValueNode"}}},
	{"a node is not null", one(`null`), Structure, []Violation{{at0, "null is not a ValueNode"}}},
	{"an element is not null", one(`{"arrayValue": {"values": [{"constantValue": null}, null]}}`), Structure, []Violation{{at0 + `.arrayValue.values[1]`, "null is not a ValueNode"}}},
	{"null sets nothing", one(`{"valueReference": null}`), Structure, []Violation{{at0, "sets no value"}}},
	{"a node sets one thing", one(`{"constantValue": null, "integerValue": "1"}`), Structure, []Violation{{at0 + `.integerValue`, "already sets constantValue"}}},
	{"an unknown field whose name is not an identifier", one(`{"constantValue": 1, "a b": 1}`), Structure, []Violation{{at0 + `["a b"]`, "unknown field"}}},

	// Scalars.
	{"an integer has 64 bits", one(`{"integerValue": "9223372036854775808"}`), Structure, []Violation{{at0 + `.integerValue`, "must be an integer"}}},
	{"an integer is not a word", one(`{"integerValue": "one"}`), Structure, []Violation{{at0 + `.integerValue`, "must be an integer"}}},
	{"an integer is not true", one(`{"integerValue": true}`), Structure, []Violation{{at0 + `.integerValue`, "must be an integer"}}},
	{"bytes are a string", one(`{"bytesValue": 1}`), Structure, []Violation{{at0 + `.bytesValue`, "must be a string of base64"}}},
	{"bytes do not mix alphabets", one(`{"bytesValue": "+_AA"}`), Structure, []Violation{{at0 + `.bytesValue`, "must be base64"}}},
	{"bytes are padded wholly or not at all", one(`{"bytesValue": "AA="}`), Structure, []Violation{{at0 + `.bytesValue`, "must be base64"}}},

	// Lists and dictionaries.
	{"its values are a list", one(`{"arrayValue": {"values": {}}}`), Structure, []Violation{{at0 + `.arrayValue.values`, "must be a list"}}},
	{"an arrayValue has no other fields", one(`{"arrayValue": {"value": []}}`), Structure, []Violation{{at0 + `.arrayValue.value`, "unknown field"}}},
	{"a dictionaryValue is an object", one(`{"dictionaryValue": 1}`), Structure, []Violation{{at0 + `.dictionaryValue`, "must be an object"}}},
	{"its values are an object", one(`{"dictionaryValue": {"values": []}}`), Structure, []Violation{{at0 + `.dictionaryValue.values`, "must be an object"}}},
	{"a dictionaryValue has no other fields", one(`{"dictionaryValue": {"a": {"constantValue": 1}}}`), Structure, []Violation{{at0 + `.dictionaryValue.a`, "unknown field"}}},

	// Functions.
	{"a definition is an object", one(`{"functionDefinitionValue": "f"}`), Structure, []Violation{{at0 + `.functionDefinitionValue`, "must be an object"}}},
	{"a definition has a body", one(`{"functionDefinitionValue": {"argumentNames": []}}`), Structure, []Violation{{at0 + `.functionDefinitionValue.body`, "required"}}},
	{"a body is a string", one(`{"functionDefinitionValue": {"body": {"constantValue": 1}}}`), Structure, []Violation{{at0 + `.functionDefinitionValue.body`, "must be a string"}}},
	{"argument names are a list", one(`{"functionDefinitionValue": {"argumentNames": "x", "body": "1"}}, "1": {"argumentReference": "x"}`), Structure, []Violation{{at0 + `.functionDefinitionValue.argumentNames`, "must be a list"}}},
	{"argument names are strings", one(`{"functionDefinitionValue": {"argumentNames": [1], "body": "1"}}, "1": {"constantValue": 1}`), Structure, []Violation{{at0 + `.functionDefinitionValue.argumentNames[0]`, "must be a string"}}},
	{"argument names are not empty", one(`{"functionDefinitionValue": {"argumentNames": [""], "body": "1"}}, "1": {"constantValue": 1}`), Structure, []Violation{{at0 + `.functionDefinitionValue.argumentNames[0]`, "must not be empty"}}},
	{"a definition has no other fields", one(`{"functionDefinitionValue": {"arguments": ["x"], "body": "1"}}, "1": {"argumentReference": "x"}`), Structure, []Violation{{at0 + `.functionDefinitionValue.arguments`, "unknown field"}}},
	{"an invocation is an object", one(`{"functionInvocationValue": null, "function_invocation_value": {}}`), Structure, []Violation{{at0, "sets no value"}, {at0 + `.function_invocation_value`, "already given"}}},
	{"an invocation invokes one thing", one(`{"functionInvocationValue": {"functionName": "f", "functionReference": "0"}}`), Structure, []Violation{{at0 + `.functionInvocationValue.functionReference`, "already given by functionName"}}},
	{"a function name is a string", one(`{"functionInvocationValue": {"functionName": ["f"]}}`), Structure, []Violation{{at0 + `.functionInvocationValue.functionName`, "must be a string"}}},
	{"a function name is not empty", one(`{"functionInvocationValue": {"functionName": ""}}`), Structure, []Violation{{at0 + `.functionInvocationValue.functionName`, "must not be empty"}}},
	{"arguments are an object", one(`{"functionInvocationValue": {"functionName": "f", "arguments": [1]}}`), Structure, []Violation{{at0 + `.functionInvocationValue.arguments`, "must be an object"}}},
	{"an argument has a name", one(`{"functionInvocationValue": {"functionName": "f", "arguments": {"": {"constantValue": 1}}}}`), Structure, []Violation{{at0 + `.functionInvocationValue.arguments[""]`, "must not be empty"}}},
	{"an invocation has no other fields", one(`{"functionInvocationValue": {"functionName": "f", "args": {}}}`), Structure, []Violation{{at0 + `.functionInvocationValue.args`, "unknown field"}}},
	{"an argumentReference is a string", one(`{"argumentReference": 1}`), Structure, []Violation{{at0 + `.argumentReference`, "must be a string"}}},
	{"an argumentReference is not empty", one(`{"argumentReference": ""}`), Structure, []Violation{{at0 + `.argumentReference`, "must not be empty"}}},

	// References.
	{"result names an entry", `{"result": "1", "values": {"0": {"constantValue": 1}}}`, Structure, []Violation{{`expression.result`, `there is no entry "1"`}}},
	{"a valueReference names an entry", one(`{"valueReference": "x"}`), Structure, []Violation{{at0 + `.valueReference`, `there is no entry "x"`}}},
	{"a body names an entry", one(`{"functionDefinitionValue": {"body": "x"}}`), Structure, []Violation{{at0 + `.functionDefinitionValue.body`, `there is no entry "x"`}}},
	{"a functionReference names an entry", one(`{"functionInvocationValue": {"functionReference": "x"}}`), Structure, []Violation{{at0 + `.functionInvocationValue.functionReference`, `there is no entry "x"`}}},
	{"an entry that nothing refers to is checked too", entries(`"0": {"constantValue": 1}, "7": {"dictionaryValue": {"values": {"a": {"valueReference": "x"}}}}`), Structure, []Violation{{`expression.values["7"].dictionaryValue.values["a"].valueReference`, `there is no entry "x"`}}},
	{"a reference does not lead to itself", one(`{"valueReference": "0"}`), Structure, []Violation{{at0 + `.valueReference`, `leads back to itself: "0" → "0"`}}},
	{"nor by way of others", entries(`"0": {"valueReference": "1"}, "1": {"functionDefinitionValue": {"body": "2"}}, "2": {"functionInvocationValue": {"functionReference": "0"}}`), Structure, []Violation{{`expression.values["2"].functionInvocationValue.functionReference`, `"0" → "1" → "2" → "0"`}}},
	{"nor where result does not lead", entries(`"0": {"constantValue": 1}, "a": {"valueReference": "b"}, "b": {"valueReference": "a"}`), Structure, []Violation{{`expression.values["b"].valueReference`, `"a" → "b" → "a"`}}},

	// Scope.
	{"an argument is bound by something", one(`{"argumentReference": "x"}`), Structure, []Violation{{at0 + `.argumentReference`, `the place "x" is open`}}},
	{"an argument is not bound outside the body", entries(`"0": {"arrayValue": {"values": [{"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}, {"argumentReference": "x"}]}}, "1": {"argumentReference": "x"}`), Structure, []Violation{{at0 + `.arrayValue.values[1].argumentReference`, `the place "x" is open`}}},
	{"an argument is bound by its own name", one(`{"functionDefinitionValue": {"argumentNames": ["y"], "body": "1"}}, "1": {"argumentReference": "x"}`), Structure, []Violation{{`expression.values["1"].argumentReference`, `the place "x" is open`}}},
	{"a hoisted node is not reached from outside", entries(`"0": {"arrayValue": {"values": [{"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}, {"valueReference": "2"}]}}, "1": {"valueReference": "2"}, "2": {"argumentReference": "x"}`), Structure, []Violation{{`expression.values["2"].argumentReference`, `argument "x" is not bound on every path`}}},

	// The classifier.
	{"an algorithm that cannot be exported", one(`{"functionInvocationValue": {"functionName": "Classifier.smileKNN"}}`), Strict, []Violation{{at0 + `.functionInvocationValue.functionName`, "Classifier.smileKNN cannot be exported"}}},
	{"through training, setting up and references", entries(`"0": {"functionInvocationValue": {"functionName": "Classifier.setOutputMode", "arguments": {"mode": {"constantValue": "RAW"}, "classifier": {"valueReference": "1"}}}}, "1": {"functionInvocationValue": {"arguments": {"classifier": {"functionInvocationValue": {"functionName": "Classifier.libsvm"}}, "features": {"constantValue": 1}, "classProperty": {"constantValue": "c"}}, "functionName": "Classifier.train"}}`), Strict, []Violation{{`expression.values["1"].functionInvocationValue.arguments["classifier"].functionInvocationValue.functionName`, "Classifier.libsvm cannot be exported"}}},
	{"a constant is not a classifier", one(`{"constantValue": "Classifier.smileCart"}`), Strict, []Violation{{at0, "this is a constant"}}},
	{"a list is not a classifier", one(`{"arrayValue": {}}`), Strict, []Violation{{at0, "this is a list"}}},
	{"a function is not a classifier", one(`{"functionDefinitionValue": {"body": "1"}}, "1": {"functionInvocationValue": {"functionName": "Classifier.smileCart"}}`), Strict, []Violation{{at0, "this is a function definition"}}},
	{"what a classifier explains is not a classifier", one(`{"functionInvocationValue": {"functionName": "Classifier.explain", "arguments": {"classifier": {"constantValue": 1}}}}`), Strict, []Violation{{at0 + `.functionInvocationValue.functionName`, "a Dictionary, the result of Classifier.explain"}}},
	{"an image is not a classifier", one(`{"functionInvocationValue": {"functionName": "Image.classify", "arguments": {"classifier": {"constantValue": 1}, "image": {"constantValue": 1}}}}`), Strict, []Violation{{at0 + `.functionInvocationValue.functionName`, "an Image, the result of Image.classify"}}},
}

func TestEveryRuleIsFound(t *testing.T) {
	for _, tt := range broken {
		t.Run(tt.name, func(t *testing.T) {
			_, err := check([]byte(tt.in), tt.level)
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("%s\ngot %v", tt.in, err)
			}
			if len(invalid.Violations) != len(tt.want) || invalid.Truncated {
				t.Fatalf("%s\ngot %v", tt.in, err)
			}
			for i, want := range tt.want {
				got := invalid.Violations[i]
				if got.Path != want.Path || !strings.Contains(got.Description, want.Description) {
					t.Errorf("%s\n got %s: %s\nwant %s: …%s…", tt.in, got.Path, got.Description, want.Path, want.Description)
				}
				if strings.Contains(got.Description, "%!") || strings.Contains(got.Description, "%s") {
					t.Errorf("the description is not complete: %s", got.Description)
				}
			}
			for _, level := range []Level{Off, Structure, Strict} {
				agree(t, []byte(tt.in), level)
			}
		})
	}
}

// malformed has inputs that are not JSON, with the offset at which reading
// stops.
var malformed = []struct {
	name   string
	in     string
	offset int64
	path   string
	reason string
}{
	{"nothing", ``, 0, `expression`, "ends in the middle"},
	{"a lone bracket", `{`, 1, `expression`, "ends in the middle"},
	{"an end inside a key", `{"resu`, 6, `expression`, "ends in the middle"},
	{"an end inside a value", `{"result": "0`, 13, `expression.result`, "ends in the middle"},
	{"an end inside an escape", `{"result": "\`, 13, `expression.result`, "ends in the middle"},
	{"an end inside a literal", `{"values": nul`, 14, `expression.values`, "ends in the middle"},
	{"a number that ends too early", `{"result": -`, 12, `expression.result`, "ends in the middle"},
	{"text after the expression", `{} {}`, 3, `expression`, "goes on after"},
	{"a key without quotes", `{result: 1}`, 1, `expression`, "a key in quotes"},
	{"a missing colon", `{"result" "0"}`, 10, `expression.result`, "a colon"},
	{"a missing comma", `{"values": {"0": {} "1": {}}}`, 20, `expression.values["0"]`, "a comma or }"},
	{"a missing comma in a list", `{"a": [1 2]}`, 9, `expression.a[0]`, "a comma or ]"},
	{"a trailing comma", `{"a": 1,}`, 8, `expression`, "a key in quotes"},
	{"a trailing comma in a list", `{"a": [1,]}`, 9, `expression.a[1]`, "a value"},
	{"the wrong bracket", `{"a": [1}`, 8, `expression.a[0]`, "a comma or ]"},
	{"a misspelt literal", `{"a": nulL}`, 9, `expression.a`, "misspelt"},
	{"a leading zero", `{"a": 01}`, 7, `expression.a`, "a comma or }"},
	{"a leading plus", `{"a": +1}`, 6, `expression.a`, "a value"},
	{"a bare point", `{"a": 1.}`, 8, `expression.a`, "a digit"},
	{"a bare exponent", `{"a": 1e+}`, 9, `expression.a`, "a digit"},
	{"a control character", "{\"a\": \"x\ty\"}", 8, `expression.a`, "control character"},
	{"an unknown escape", `{"a": "\x41"}`, 7, `expression.a`, "escape"},
	{"a short escape", `{"a": "\u12G4"}`, 7, `expression.a`, "hexadecimal"},
	{"an escape cut short at the end of a key", `{"a\u"}`, 3, `expression`, "hexadecimal"},
	{"an escape cut short at the end of a value", `{"a": "\u12"}`, 7, `expression.a`, "hexadecimal"},
	{"an end inside the digits of an escape", `{"a": "\u12`, 11, `expression.a`, "ends in the middle"},
	{"an end after the digits of half a pair", `{"a": "\ud83d\u`, 7, `expression.a`, "surrogate"},
	{"a lone high surrogate", `{"a": "\ud83d"}`, 7, `expression.a`, "surrogate"},
	{"a lone low surrogate", `{"a": "\ude00"}`, 7, `expression.a`, "surrogate"},
	{"surrogates in the wrong order", `{"a": "\ude00\ud83d"}`, 7, `expression.a`, "surrogate"},
	{"invalid UTF-8", "{\"a\": \"x\xffy\"}", 8, `expression.a`, "UTF-8"},
	{"an overlong encoding", "{\"a\": \"\xc0\xaf\"}", 7, `expression.a`, "UTF-8"},
	{"an encoded surrogate", "{\"a\": \"\xed\xa0\x80\"}", 7, `expression.a`, "UTF-8"},
	{"UTF-8 cut off by the quote", "{\"a\": \"\xe2\x82\"}", 7, `expression.a`, "UTF-8"},
	{"invalid UTF-8 far into a string", `{"a": "` + strings.Repeat("0123456789", 10) + "\xff\"}", 107, `expression.a`, "UTF-8"},
	{"a control character far into a string", `{"a": "` + strings.Repeat(`01234567\n`, 10) + "\x01\"}", 107, `expression.a`, "control character"},
	{"an unknown escape far into a string", `{"a": "` + strings.Repeat(`01234567\n`, 10) + `\m"}`, 107, `expression.a`, "escape"},
	{"a byte order mark", "\xef\xbb\xbf{}", 0, `expression`, "byte order mark"},
	{"a broken key", `{"a": {"b": 1, "c` + "\x02" + `": 1}}`, 17, `expression.a`, "control character"},
}

func TestMalformedInputIsRefused(t *testing.T) {
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			for _, level := range []Level{Off, Structure, Strict} {
				result, err := check([]byte(tt.in), level)
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || result != nil {
					t.Fatalf("%s: got %v, %v", level, result, err)
				}
				if syntax.Offset != tt.offset || syntax.Path != tt.path || !strings.Contains(syntax.Reason, tt.reason) {
					t.Errorf("%s: got %q at %d, %s; want …%q… at %d, %s", level, syntax.Reason, syntax.Offset, syntax.Path, tt.reason, tt.offset, tt.path)
				}
			}
			if _, err := parse([]byte(tt.in)); err == nil {
				t.Error("the decoder accepts it")
			}
		})
	}
}
