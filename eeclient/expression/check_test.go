package expression

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inspect returns what Check finds, with the rules that the public error does
// not carry.
func inspect(t testing.TB, data []byte, level Level) (found []verdict, truncated bool, syntax *SyntaxError) {
	t.Helper()
	s := new(scanner)
	s.reset(data)
	if n := s.check(level); n >= 0 && skipSpace(data, n) < len(data) {
		s.fail(n, "trailing data")
	}
	if s.syntax != nil || len(s.found.list) == 0 {
		return nil, false, s.syntax
	}
	err := s.invalid() // which also sorts the list
	for i, v := range err.Violations {
		found = append(found, verdict{v.Path, s.found.list[i].rule})
	}
	return found, err.Truncated, nil
}

var component = regexp.MustCompile(`\.\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]`)

// shortened leaves out the middle of a long path.
func shortened(v verdict) verdict {
	c := component.FindAllString(strings.TrimPrefix(v.path, "expression"), -1)
	last := ""
	if v.rule == ruleRequired { // the field that is missing is put last
		last = c[len(c)-1]
		c = c[:len(c)-1]
	}
	if len(c) > pathHead+pathTail {
		c = append(append(c[:pathHead:pathHead], "…"), c[len(c)-pathTail:]...)
	}
	v.path = "expression" + strings.Join(c, "") + last
	return v
}

// agree fails unless the two checkers agree on data.
func agree(t testing.TB, data []byte, level Level) {
	t.Helper()
	want, err := slowCheck(data, level)
	got, truncated, syntax := inspect(t, data, level)
	if (err != nil) != (syntax != nil) {
		t.Fatalf("%s\nwell-formedness: the decoder says %v, this package %v", data, err, syntax)
	}
	for i := range want {
		want[i] = shortened(want[i])
	}
	if truncated {
		if len(got) != MaxViolations || len(want) <= MaxViolations {
			t.Fatalf("%s\ntruncated to %d of %d", data, len(got), len(want))
		}
		for _, v := range got {
			if !slices.Contains(want, v) {
				t.Fatalf("%s\n%s: the reference does not find %v", data, level, v)
			}
		}
		return
	}
	order := func(a, b verdict) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.rule, b.rule))
	}
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Fatalf("%s\n%s:\n got %v\nwant %v", data, level, got, want)
	}
}

var functionName = regexp.MustCompile(`"functionName": ?"([^"]*)"`)

func TestRealRequestsPass(t *testing.T) {
	training := []string{"projects/my-project/assets/training"}
	for _, tt := range []struct {
		file       string
		nodes      int
		entries    int
		classifier string
		assets     []string
	}{
		{"cart-trained.json", 11, 1, "Classifier.smileCart", training},
		{"decision-tree-ensemble.json", 2, 1, "Classifier.decisionTreeEnsemble", nil},
		{"legacy-user-asset.json", 11, 1, "Classifier.smileCart", training},
		{"nested-map-functions.json", 72, 8, "Classifier.smileRandomForest", []string{"COPERNICUS/S2_SR_HARMONIZED"}},
		{"random-forest-trained.json", 86, 11, "Classifier.smileRandomForest", []string{"COPERNICUS/S2_SR_HARMONIZED", training[0]}},
		{"with-priority-overwrite.json", 11, 1, "Classifier.smileCart", training},
	} {
		t.Run(tt.file, func(t *testing.T) {
			stored := request(t, tt.file)
			for _, data := range [][]byte{stored, compact(t, stored)} {
				for _, level := range []Level{Off, Structure, Strict} {
					if _, err := Check(data, level); err != nil {
						t.Fatalf("%s: %v", level, err)
					}
					agree(t, data, level)
				}
				s, _ := Check(data, Strict)
				var names []string
				for _, m := range functionName.FindAllSubmatch(data, -1) {
					names = append(names, string(m[1]))
				}
				slices.Sort(names)
				names = slices.Compact(names)
				clear(data) // which the summary must not mind
				if s.Nodes != tt.nodes || s.Entries != tt.entries || s.Classifier != tt.classifier {
					t.Errorf("got %d nodes, %d entries, %s", s.Nodes, s.Entries, s.Classifier)
				}
				if !slices.Equal(s.Assets(), tt.assets) || s.NumAssets() != len(tt.assets) {
					t.Errorf("got %d assets: %q", s.NumAssets(), s.Assets())
				}
				if !slices.Equal(s.Algorithms(), names) || s.NumAlgorithms() != len(names) {
					t.Errorf("got %d algorithms: %q, want %q", s.NumAlgorithms(), s.Algorithms(), names)
				}
			}
		})
	}
}

func TestSVMIsRefusedByStrictAlone(t *testing.T) {
	data := request(t, "svm-trained.json")
	for _, level := range []Level{Off, Structure} {
		if _, err := Check(data, level); err != nil {
			t.Errorf("%s: %v", level, err)
		}
	}
	s, err := Check(data, Strict)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Violations) != 1 {
		t.Fatalf("strict: %v", err)
	}
	want := Violation{
		`expression.values["0"].functionInvocationValue.arguments["classifier"].functionInvocationValue.functionName`,
		"Classifier.libsvm cannot be exported: Earth Engine exports only smileRandomForest, smileCart, decisionTree and decisionTreeEnsemble; use one of these, or set EXPRESSION_CHECK to structure if Earth Engine has learned to export it",
	}
	if got := invalid.Violations[0]; got != want {
		t.Errorf("got %v", got)
	}
	if s.Classifier != "Classifier.libsvm" || s.Nodes != 9 {
		t.Errorf("the summary has %d nodes and %q", s.Nodes, s.Classifier)
	}
}

func TestSoundExpressionsPass(t *testing.T) {
	call := func(name, arguments string) string {
		return `{"functionInvocationValue": {"functionName": "` + name + `", "arguments": {` + arguments + `}}}`
	}
	for _, tt := range []struct{ name, in string }{
		{"every exportable algorithm", entries(`"0": ` + call("Classifier.smileRandomForest", ``))},
		{"a classifier that is loaded", entries(`"0": ` + call("Classifier.load", `"id": {"constantValue": "projects/p/assets/c"}`))},
		{"one that is chosen", entries(`"0": ` + call("If", `"condition": {"constantValue": 1}`))},
		{"one that is trained from a choice", entries(`"0": ` + call("Classifier.train", `"classifier": `+call("List.get", ``)))},
		{"one that a function returns", entries(`"0": {"functionInvocationValue": {"functionReference": "1"}}, "1": {"functionDefinitionValue": {"body": "2"}}, "2": {"constantValue": 1}`)},
		{"a name written out as a resource", entries(`"0": ` + call("algorithms/Classifier.smileCart", ``))},
		{"names in snake case", `{"values": {"0": {"function_invocation_value": {"function_name": "Classifier.smileCart", "arguments": {"a": {"dictionary_value": {"values": {}}}, "b": {"function_definition_value": {"argument_names": ["x"], "body": "1"}}}}}, "1": {"argument_reference": "x"}}, "result": "0"}`},
		{"null leaves a field unset", entries(`"0": {"integerValue": null, "functionInvocationValue": {"functionReference": null, "functionName": "Classifier.smileCart", "arguments": null}, "valueReference": null}`)},
		{"empty lists and maps may be left out", entries(`"0": ` + call("Classifier.smileCart", `"a": {"arrayValue": {}}, "b": {"dictionaryValue": {"values": null}}, "c": {"functionDefinitionValue": {"body": "1"}}`) + `, "1": {"constantValue": null}`)},
		{"integers in every form", entries(`"0": ` + call("Classifier.smileCart", `"a": {"integerValue": "-9223372036854775808"}, "b": {"integerValue": 9223372036854775807}, "c": {"integerValue": "1.50e1"}, "d": {"integerValue": 0e999999999999}, "e": {"integerValue": -0.0}, "f": {"integerValue": 10000000000000000000000e-10}`))},
		{"bytes in every form", entries(`"0": ` + call("Classifier.smileCart", `"a": {"bytesValue": ""}, "b": {"bytesValue": "+\/8="}, "c": {"bytesValue": "-_8"}, "d": {"bytesValue": "AA=="}`))},
		{"references forward, backward and spelled otherwise", entries(`"é": {"constantValue": "\ud83d\ude00"}, "0": ` + call("Classifier.smileCart", `"a": {"valueReference": "1"}, "b": {"valueReference": "\u00e9"}`) + `, "1": {"constantValue": 1}`)},
		{"a dictionary may have an empty key", entries(`"0": ` + call("Classifier.smileCart", `"a": {"dictionaryValue": {"values": {"": {"constantValue": 1}}}}`))},
		{"a function that is called twice", entries(`"0": ` + call("Classifier.smileCart", `"a": {"functionInvocationValue": {"functionReference": "1"}}, "b": {"functionInvocationValue": {"functionReference": "1"}}`) + `, "1": {"functionDefinitionValue": {"argumentNames": ["x", "x"], "body": "2"}}, "2": {"argumentReference": "x"}`)},
		{"a body shared by functions that both bind", entries(`"0": ` + call("Classifier.smileCart", `"a": {"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}, "b": {"functionDefinitionValue": {"argumentNames": ["y", "x"], "body": "1"}}`) + `, "1": {"argumentReference": "x"}`)},
		{"anything goes where result does not lead", entries(`"0": ` + call("Classifier.smileCart", ``) + `, "1": {"argumentReference": "x"}`)},
		{"whitespace around it", " \t\r\n" + entries(`"0": `+call("Classifier.smileCart", ``)) + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Check([]byte(tt.in), Strict); err != nil {
				t.Errorf("%s\n%v", tt.in, err)
			}
			agree(t, []byte(tt.in), Strict)
		})
	}
	for _, name := range exportable {
		if s, err := Check([]byte(entries(`"0": `+call(name, ``))), Strict); err != nil || s.Classifier != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAssetsAreFoundWhereverTheIDStands(t *testing.T) {
	load := func(name, id string) string {
		return `{"functionInvocationValue": {"arguments": {` + id + `}, "functionName": "` + name + `"}}`
	}
	in := entries(`"0": {"arrayValue": {"values": [` + strings.Join([]string{
		load("Image.load", `"id": {"constantValue": "b"}, "version": {"constantValue": "no"}`),
		load("Image.load", `"id": {"valueReference": "1"}`),
		load("algorithms/ImageCollection.load", `"id": {"constantValue": "\u0061"}`),
		load("Collection.loadTable", `"tableId": {"valueReference": "2"}`),
		load("Classifier.load", `"id": {"constantValue": 1}`),
		load("Classifier.load", `"name": {"constantValue": "no"}`),
		load("Image.load", `"id": {"argumentReference": "x"}`),
		load("Image.loaded", `"id": {"constantValue": "no"}`),
	}, ", ") + `]}}, "1": {"constantValue": "b"}, "2": {"valueReference": "3"}, "3": {"constantValue": "c/d"}`)
	s, _ := Check([]byte(in), Structure)
	if got := s.Assets(); !slices.Equal(got, []string{"a", "b", "c/d"}) {
		t.Errorf("got %q", got)
	}
}

func TestCheckPrefixLeavesTheRest(t *testing.T) {
	const whole = ` {"result": "0", "values": {"0": {"constantValue": 1}}}`
	for _, tt := range []struct {
		level Level
		bad   bool
	}{{Off, false}, {Structure, false}, {Strict, true}} {
		n, s, err := CheckPrefix([]byte(whole+`, "priority": {{{`), tt.level)
		if n != len(whole) || s == nil || (err != nil) != tt.bad {
			t.Errorf("%s: got %d, %v, %v", tt.level, n, s, err)
		}
	}
}

func TestLevelsHaveNames(t *testing.T) {
	for _, l := range []Level{Off, Structure, Strict} {
		if got, err := ParseLevel(l.String()); got != l || err != nil {
			t.Errorf("%s: got %v, %v", l, got, err)
		}
	}
	for _, name := range []string{"", "Strict", "none", strings.Repeat("x", 1000)} {
		if _, err := ParseLevel(name); err == nil || len(err.Error()) > 200 {
			t.Errorf("%.10q: got %v", name, err)
		}
	}
	if got := Level(7).String(); got != "Level(7)" {
		t.Errorf("got %s", got)
	}
}
