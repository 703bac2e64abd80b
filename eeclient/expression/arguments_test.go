package expression

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestArgumentsFillInWhatIsOpen(t *testing.T) {
	end := map[string]string{"end": `"2026-11-23"`}
	function := `{"functionDefinitionValue": {"argumentNames": ["end"], "body": "1"}}`
	for _, tt := range []struct {
		name      string
		values    string
		arguments map[string]string
		want      string // the values upstream
		found     []verdict
	}{
		{"a place in an entry", `"0": {"arrayValue": {"values": [{"argumentReference": "end"}]}}`, end,
			`"0": {"arrayValue": {"values": [{"constantValue":"2026-11-23"}]}}`, nil},
		{"an entry itself, and whitespace", `"0": { "argumentReference" : "end" }, "1": {"constantValue": 1}`, end,
			`"0": {"constantValue":"2026-11-23"}, "1": {"constantValue": 1}`, nil},
		{"the same name at several places", `"0": {"arrayValue": {"values": [{"argumentReference": "end"}, {"valueReference": "1"}]}}, "1": {"argument_reference": "\u0065nd"}`, end,
			`"0": {"arrayValue": {"values": [{"constantValue":"2026-11-23"}, {"valueReference": "1"}]}}, "1": {"constantValue":"2026-11-23"}`, nil},
		{"fields that are null", `"0": {"valueReference": null, "argumentReference": "end", "bytesValue": null}`, end, `"0": {"constantValue":"2026-11-23"}`, nil},
		{"any constant", `"0": {"arrayValue": {"values": [{"argumentReference": "a"}, {"argumentReference": "b"}, {"argumentReference": "c"}]}}`,
			map[string]string{"a": `null`, "b": ` [1, {"x": "}"}] `, "c": `-1.5e3`},
			`"0": {"arrayValue": {"values": [{"constantValue":null}, {"constantValue": [1, {"x": "}"}] }, {"constantValue":-1.5e3}]}}`, nil},
		{"a name with an escape and a quote", `"0": {"argumentReference": "a\"b"}`, map[string]string{`a"b`: "1"}, `"0": {"constantValue":1}`, nil},
		{"a name that a function binds elsewhere", `"0": {"arrayValue": {"values": [` + function + `, {"argumentReference": "end"}]}}, "1": {"argumentReference": "end"}`, end,
			`"0": {"arrayValue": {"values": [` + function + `, {"constantValue":"2026-11-23"}]}}, "1": {"argumentReference": "end"}`, nil},
		{"what result does not lead to", `"0": {"argumentReference": "end"}, "1": {"argumentReference": "end"}, "2": {"argumentReference": "other"}`, end,
			`"0": {"constantValue":"2026-11-23"}, "1": {"argumentReference": "end"}, "2": {"argumentReference": "other"}`, nil},
		{"no arguments, and nothing open", `"0": {"constantValue": 1}`, nil, `"0": {"constantValue": 1}`, nil},

		{"open and not given", `"0": {"arrayValue": {"values": [{"argumentReference": "end"}, {"argumentReference": "start"}]}}`, end, "",
			[]verdict{{at0 + `.arrayValue.values[1].argumentReference`, ruleNotGiven}}},
		{"open, and nothing is given", `"0": {"argumentReference": "end"}`, nil, "", []verdict{{at0 + `.argumentReference`, ruleUnbound}}},
		{"given and not open", `"0": {"constantValue": 1}`, map[string]string{"b": "1", "a": "2"}, "", []verdict{{"arguments.a", ruleNotOpen}, {"arguments.b", ruleNotOpen}}},
		{"given, and bound on every path", `"0": ` + function + `, "1": {"argumentReference": "end"}`, end, "", []verdict{{"arguments.end", ruleNotOpen}}},
		{"given, and open where result does not lead", `"0": {"constantValue": 1}, "1": {"argumentReference": "end"}`, end, "", []verdict{{"arguments.end", ruleNotOpen}}},
		{"open on one path and bound on another", `"0": {"arrayValue": {"values": [` + function + `, {"valueReference": "1"}]}}, "1": {"argumentReference": "end"}`, end, "",
			[]verdict{{`expression.values["1"].argumentReference`, rulePartlyBound}, {"arguments.end", ruleNotOpen}}},
		{"a name that is not an identifier", `"0": {"constantValue": 1}`, map[string]string{"a b": "1"}, "", []verdict{{`arguments."a b"`, ruleNotOpen}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, values := []byte(entries(tt.values)), map[string][]byte{}
			for name, value := range tt.arguments {
				values[name] = []byte(value)
			}
			found, _, _ := inspect(t, data, Structure, tt.arguments)
			if !slices.Equal(found, tt.found) {
				t.Fatalf("%s\ngot %v, want %v", data, found, tt.found)
			}
			for _, level := range []Level{Structure, Off} {
				r, err := checkWith(data, level, Options{Arguments: values})
				switch {
				case len(tt.found) == 0 && (err != nil || string(bytes.Join(r.Parts, nil)) != entries(tt.want)):
					t.Errorf("%s: got %s %v, want %s", level, bytes.Join(r.Parts, nil), err, tt.want)
				case len(tt.found) > 0 && (err == nil || r.Parts != nil) && (level == Structure || len(tt.arguments) > 0):
					t.Errorf("%s: got %s, want an error", level, bytes.Join(r.Parts, nil))
				}
			}
			if len(tt.found) == 0 && !strings.Contains(tt.name, "quote") {
				agreeWith(t, data, Structure, tt.arguments)
			}
		})
	}
}

func TestAValueThatIsNotAConstantIsRefused(t *testing.T) {
	for _, value := range []string{``, ` `, `{`, `1 2`, `{"a": 1, "\u0061": 2}`, `nul`, `"` + "\xff" + `"`} {
		_, err := checkWith(trees(`1) *"}, "own": {"argumentReference": "x"}, "more": {"constantValue": "`), Strict, Options{Arguments: map[string][]byte{"x": []byte(value)}})
		if err == nil || !strings.Contains(err.Error(), "arguments.x: must be a constant: ") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%q: got %v", value, err)
		}
	}
}

func TestArgumentsAreLimited(t *testing.T) {
	many := map[string][]byte{}
	for i := range MaxArguments + 1 {
		many[fmt.Sprint("a", i)] = []byte("1")
	}
	large := []byte(`"` + strings.Repeat("x", MaxFilledBytes/4) + `"`)
	open := func(n int) []byte { return inList(repeat(25*n, `{"argumentReference":"x"},`)) }
	for _, tt := range []struct {
		name   string
		data   []byte
		values map[string][]byte
		want   string
	}{
		{"too many", open(1), many, "arguments: there are more than 1,000 arguments"},
		{"at the limit of what they add", open(3), map[string][]byte{"x": large}, ""},
		{"above it", open(4), map[string][]byte{"x": large}, `values[3].argumentReference: with "x" filled in up to here`},
		{"far above it", open(1000), map[string][]byte{"x": large}, `values[3].argumentReference: with "x" filled in up to here`},
	} {
		_, err := checkWith(tt.data, Structure, Options{Arguments: tt.values})
		if (err != nil) != (tt.want != "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "\n") > 0) {
			t.Errorf("%s: got %.300v", tt.name, err)
		}
	}
}

// open opens random places of an expression: it replaces constants by
// references to arguments, and returns their values.
func open(r *rand.Rand, t *tree) map[string]string {
	arguments := map[string]string{}
	var walk func(t *tree)
	walk = func(t *tree) {
		if len(t.members) == 1 && t.members[0].name == "constantValue" && r.IntN(3) > 0 {
			value := string(t.members[0].value.append(nil))
			name := fmt.Sprint("open", r.IntN(3))
			if was, ok := arguments[name]; !ok || was == value {
				arguments[name] = value
				t.members[0] = treeMember{"argumentReference", &tree{kind: '"', text: name}}
				return
			}
		}
		for _, m := range t.members {
			walk(m.value)
		}
		for _, e := range t.elems {
			walk(e)
		}
	}
	walk(t)
	return arguments
}

// To fill in is to send what a client would have sent with the constants in
// place: the same bytes, the same verdict.
func TestFillingInIsSendingTheConstants(t *testing.T) {
	seeds := scrambleSeeds(t)
	filledIn := 0
	for seed := range cases(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		whole := copyOf(seeds[r.IntN(len(seeds))])
		if r.IntN(2) == 0 {
			scramble(r, whole)
		}
		holes := copyOf(whole)
		arguments := open(r, holes)
		// Open references that result does not lead to, and bound ones, have
		// other tests.
		data, values := holes.append(nil), map[string][]byte{}
		for name, value := range arguments {
			values[name] = []byte(value)
		}
		level := Level(r.IntN(2))
		agreeWith(t, data, level, arguments)
		filled, err := checkWith(data, level, Options{Arguments: values})
		if err != nil {
			continue
		}
		in := bytes.Join(filled.Parts, nil)
		if bytes.Contains(in, []byte(`"open`)) {
			continue
		}
		sent := whole.append(nil)
		client, err := check(sent, level)
		if err != nil || !bytes.Equal(compact(t, in), compact(t, sent)) {
			t.Fatalf("seed %d: %s\nfilled in is\n%s\n%v", seed, data, in, err)
		}
		if client.Nodes != filled.Nodes || client.Classifier != filled.Classifier {
			t.Errorf("seed %d: got %+v and %+v", seed, client, filled)
		}
		if len(arguments) > 0 {
			filledIn++
		}
	}
	if filledIn < 20 {
		t.Errorf("only %d expressions were filled in", filledIn)
	}
}

// The findings are those on the constants.
func TestAFilledInConstantIsAConstant(t *testing.T) {
	for _, tt := range []struct{ name, node, value, want string }{
		{"as a result", `{"argumentReference": "x"}`, `1`, at0 + ": result must evaluate to a classifier"},
		{"as trees", call("Classifier.decisionTree", `"treeString": {"argumentReference": "x"}`), `"1)\n3) *"`, `["treeString"].argumentReference: tree 1, line 2: expected 2, got 3`},
		{"as a list of trees", call("Classifier.decisionTreeEnsemble", `"treeStrings": {"argumentReference": "x"}`), ` [ "1) *" , "1)\n3) *"]`, `["treeStrings"].argumentReference: tree 2, line 2: expected 2, got 3`},
		{"as one of the trees", call("Classifier.decisionTreeEnsemble", `"treeStrings": {"arrayValue": {"values": [{"argumentReference": "x"}]}}`), `"1)\n3) *"`, `values[0].argumentReference: tree 1, line 2: expected 2, got 3`},
		{"as the same trees twice", call("If", `"trueCase": `+call("Classifier.decisionTree", `"treeString": {"argumentReference": "x"}`)+`, "falseCase": `+call("Classifier.decisionTree", `"treeString": {"argumentReference": "x"}`)),
			`"1)\n3) *"`, `arguments["trueCase"].functionInvocationValue.arguments["treeString"].argumentReference: tree 1, line 2: expected 2, got 3`},
		{"as a good tree", call("Classifier.decisionTree", `"treeString": {"argumentReference": "x"}`), `"1) *"`, ""},
	} {
		_, err := checkWith([]byte(one(tt.node)), Strict, Options{Arguments: map[string][]byte{"x": []byte(tt.value)}})
		if (err != nil) != (tt.want != "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "\n") > 0) {
			t.Errorf("%s: got %v", tt.name, err)
		}
		agreeWith(t, []byte(one(tt.node)), Strict, map[string]string{"x": tt.value})
	}
	data := []byte(one(call("Image.load", `"id": {"argumentReference": "x"}`)))
	for value, denied := range map[string]string{`"a/b"`: "", `"c"`: "c"} {
		r, err := checkWith(data, Structure, Options{Arguments: map[string][]byte{"x": []byte(value)}, AllowedReads: []string{"a"}})
		if err != nil || (r.Denied != nil) != (denied != "") || r.Denied != nil && r.Denied.Name != denied {
			t.Errorf("%s: got %+v %v", value, r.Denied, err)
		}
	}
}
