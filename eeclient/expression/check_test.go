package expression

import (
	"bytes"
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// check parses data, which holds one Expression, and checks it.
func check(data []byte, level Level) (*Result, error) { return checkWith(data, level, Options{}) }

func checkWith(data []byte, level Level, o Options) (*Result, error) {
	e, err := Parse(data, level)
	if err != nil {
		return nil, err
	}
	if rest := skipSpace(data, e.Len()); rest < len(data) {
		return nil, &SyntaxError{Offset: int64(rest), Path: "expression", Reason: "the input goes on after the expression"}
	}
	return e.Check(o)
}

// inspect returns what a check finds, with the rules that the public error does
// not carry.
func inspect(t testing.TB, data []byte, level Level, arguments map[string]string) (found []verdict, truncated bool, syntax *SyntaxError) {
	t.Helper()
	e, err := Parse(data, level)
	if errors.As(err, &syntax) {
		return nil, false, syntax
	}
	if rest := skipSpace(data, e.Len()); rest < len(data) {
		return nil, false, &SyntaxError{Offset: int64(rest)}
	}
	s := e.s
	defer s.release()
	if level != Off {
		values := map[string][]byte{}
		for name, value := range arguments {
			values[name] = []byte(value)
		}
		s.checkGraph(values)
	}
	if len(s.found.list) == 0 {
		return nil, false, nil
	}
	invalid := s.invalid() // which also sorts the list
	for i, v := range invalid.Violations {
		found = append(found, verdict{v.Path, s.found.list[i].rule})
	}
	return found, invalid.Truncated, nil
}

var component = regexp.MustCompile(`\.\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]`)

// shortened leaves out the middle of a long path.
func shortened(v verdict) verdict {
	path, ok := strings.CutPrefix(v.path, "expression")
	if !ok {
		return v
	}
	c := component.FindAllString(path, -1)
	missing := 0 // components that name a missing member; they come last
	switch v.rule {
	case ruleRequired:
		missing = 1
	case ruleMissingArgument: // .arguments["…"]
		missing = 2
	}
	c, last := c[:len(c)-missing], c[len(c)-missing:]
	if len(c) > pathHead+pathTail {
		c = append(append(c[:pathHead:pathHead], "…"), c[len(c)-pathTail:]...)
	}
	v.path = "expression" + strings.Join(c, "") + strings.Join(last, "")
	return v
}

// agree fails unless the two checkers agree on data.
func agree(t testing.TB, data []byte, level Level) {
	t.Helper()
	agreeWith(t, data, level, nil)
}

func agreeWith(t testing.TB, data []byte, level Level, arguments map[string]string) {
	t.Helper()
	slow, err := slowCheck(data, level, arguments)
	got, truncated, syntax := inspect(t, data, level, arguments)
	if (err != nil) != (syntax != nil) {
		t.Fatalf("%s\nwell-formedness: the decoder says %v, this package %v", data, err, syntax)
	}
	if err != nil {
		return
	}
	want := slow.found
	for i := range want {
		want[i] = shortened(want[i])
	}
	if truncated {
		if len(got) != maxViolations || len(want) <= maxViolations {
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
		classifier string
		reads      []string
	}{
		{"cart-trained.json", 11, "Classifier.smileCart", training},
		{"decision-tree-ensemble.json", 2, "Classifier.decisionTreeEnsemble", nil},
		{"legacy-user-asset.json", 11, "Classifier.smileCart", training},
		{"nested-map-functions.json", 72, "Classifier.smileRandomForest", []string{"COPERNICUS/S2_SR_HARMONIZED"}},
		{"random-forest-trained.json", 86, "Classifier.smileRandomForest", []string{"COPERNICUS/S2_SR_HARMONIZED", training[0]}},
		{"with-priority-overwrite.json", 11, "Classifier.smileCart", training},
	} {
		t.Run(tt.file, func(t *testing.T) {
			stored := request(t, tt.file)
			for _, data := range [][]byte{stored, compact(t, stored)} {
				for _, level := range []Level{Off, Structure, Strict} {
					if _, err := check(data, level); err != nil {
						t.Fatalf("%s: %v", level, err)
					}
					agree(t, data, level)
				}
				r, _ := check(data, Strict)
				var names []string
				for _, m := range functionName.FindAllSubmatch(data, -1) {
					names = append(names, string(m[1]))
				}
				slices.Sort(names)
				names = slices.Compact(names)
				if r.Nodes != tt.nodes || r.Classifier != tt.classifier || !bytes.Equal(bytes.Join(r.Parts, nil), data) || r.Denied != nil {
					t.Errorf("got %+v", r)
				}
				algorithms, reads := Uses(data)
				if !slices.Equal(reads, tt.reads) {
					t.Errorf("got reads %q", reads)
				}
				if !slices.Equal(algorithms, names) {
					t.Errorf("got algorithms %q, want %q", algorithms, names)
				}
			}
		})
	}
}

func TestSoundExpressionsPass(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"a random forest", one(call("Classifier.smileRandomForest", `"numberOfTrees": {"constantValue": 10}`))},
		{"a classifier that is loaded", one(call("Classifier.load", `"id": {"constantValue": "projects/p/assets/c"}`))},
		{"one that is chosen", one(call("If", `"condition": {"constantValue": 1}`))},
		{"one that is trained from a choice", one(call("Classifier.train", `"features": {"constantValue": 1}, "classProperty": {"constantValue": "c"}, "classifier": `+call("List.get", `"list": {"constantValue": []}, "index": {"constantValue": 0}`)))},
		{"one that a function returns", entries(`"0": {"functionInvocationValue": {"functionReference": "1"}}, "1": {"functionDefinitionValue": {"body": "2"}}, "2": {"constantValue": 1}`)},
		{"a name written out as a resource", one(call("algorithms/Classifier.smileCart", ``))},
		{"names in snake case", `{"values": {"0": {"function_invocation_value": {"function_name": "Classifier.smileCart", "arguments": {"a": {"dictionary_value": {"values": {}}}, "b": {"function_definition_value": {"argument_names": ["x"], "body": "1"}}}}}, "1": {"argument_reference": "x"}}, "result": "0"}`},
		{"null leaves a field unset", entries(`"0": {"integerValue": null, "functionInvocationValue": {"functionReference": null, "functionName": "Classifier.smileCart", "arguments": null}, "valueReference": null}`)},
		{"empty lists and maps may be left out", entries(`"0": ` + call("Classifier.smileCart", `"a": {"arrayValue": {}}, "b": {"dictionaryValue": {"values": null}}, "c": {"functionDefinitionValue": {"body": "1"}}`) + `, "1": {"constantValue": null}`)},
		{"integers in every form", one(call("Classifier.smileCart", `"a": {"integerValue": "-9223372036854775808"}, "b": {"integerValue": 9223372036854775807}, "c": {"integerValue": "1.50e1"}, "d": {"integerValue": 0e999999999999}, "e": {"integerValue": -0.0}, "f": {"integerValue": 10000000000000000000000e-10}`))},
		{"bytes in every form", one(call("Classifier.smileCart", `"a": {"bytesValue": ""}, "b": {"bytesValue": "+\/8="}, "c": {"bytesValue": "-_8"}, "d": {"bytesValue": "AA=="}`))},
		{"references forward, backward and spelled otherwise", entries(`"é": {"constantValue": "\ud83d\ude00"}, "0": ` + call("Classifier.smileCart", `"a": {"valueReference": "1"}, "b": {"valueReference": "\u00e9"}`) + `, "1": {"constantValue": 1}`)},
		{"a dictionary may have an empty key", one(call("Classifier.smileCart", `"a": {"dictionaryValue": {"values": {"": {"constantValue": 1}}}}`))},
		{"a function that is called twice", entries(`"0": ` + call("Classifier.smileCart", `"a": {"functionInvocationValue": {"functionReference": "1"}}, "b": {"functionInvocationValue": {"functionReference": "1"}}`) + `, "1": {"functionDefinitionValue": {"argumentNames": ["x", "x"], "body": "2"}}, "2": {"argumentReference": "x"}`)},
		{"a body shared by functions that both bind", entries(`"0": ` + call("Classifier.smileCart", `"a": {"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}, "b": {"functionDefinitionValue": {"argumentNames": ["y", "x"], "body": "1"}}`) + `, "1": {"argumentReference": "x"}`)},
		{"anything goes where result does not lead", entries(`"0": ` + call("Classifier.smileCart", ``) + `, "1": {"argumentReference": "x"}`)},
		{"whitespace around it", " \t\r\n" + entries(`"0": `+call("Classifier.smileCart", ``)) + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := check([]byte(tt.in), Strict); err != nil {
				t.Errorf("%s\n%v", tt.in, err)
			}
			agree(t, []byte(tt.in), Strict)
		})
	}
}

func TestParseLeavesTheRest(t *testing.T) {
	const whole = ` {"result": "0", "values": {"0": {"constantValue": 1}}}`
	for _, tt := range []struct {
		level Level
		bad   bool
	}{{Off, false}, {Structure, false}, {Strict, true}} {
		e, err := Parse([]byte(whole+`, "priority": {{{`), tt.level)
		if err != nil || e.Len() != len(whole) {
			t.Fatalf("%s: got %d, %v", tt.level, e.Len(), err)
		}
		if _, err := e.Check(Options{}); (err != nil) != tt.bad {
			t.Errorf("%s: got %v", tt.level, err)
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
