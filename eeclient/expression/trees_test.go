package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// textOf writes the nodes of a random tree of at most the given depth.
func textOf(r *rand.Rand, b *strings.Builder, n uint64, depth int) {
	end := depth == 0 || r.IntN(3) == 0
	fmt.Fprintf(b, "%s%d) x%s0.5 9 (0.1)", strings.Repeat(" ", r.IntN(30)), n, []string{"<", ">=", "≤"}[r.IntN(3)])
	if end {
		b.WriteString(" *")
	}
	b.WriteString([]string{"", "", "", " ", "\t ", "\r"}[r.IntN(6)] + "\n")
	if r.IntN(20) == 0 {
		b.WriteString([]string{"\n", "a heading\n", "* denotes an end\n"}[r.IntN(3)])
	}
	if !end {
		textOf(r, b, 2*n, depth-1)
		textOf(r, b, 2*n+1, depth-1)
	}
}

// randomTrees writes a text of one tree or more.
func randomTrees(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		if r.IntN(2) == 0 {
			b.WriteString("n= 400\n\nnode), split\n")
		}
		textOf(r, &b, 1, r.IntN(6))
	}
	return b.String()
}

// damageText changes something in a text of trees.
func damageText(r *rand.Rand, text string) string {
	i := r.IntN(len(text) + 1)
	lines := strings.SplitAfter(text, "\n")
	n := r.IntN(len(lines))
	switch r.IntN(7) {
	case 0:
		return text[:i]
	case 1:
		return strings.Join(append(lines[:n:n], lines[n+1:]...), "")
	case 2:
		return strings.Join(append(lines[:n:n], append([]string{lines[r.IntN(len(lines))]}, lines[n:]...)...), "")
	case 3:
		return text[:i] + fmt.Sprint(r.IntN(10)) + text[i:]
	case 4:
		return text[:i] + []string{"*", " ", "\n", ")", "1) *\n", "\t", "<"}[r.IntN(7)] + text[i:]
	case 5:
		return strings.Replace(text, " *", "", 1)
	}
	return strings.Replace(text, ")", "\n", 1)
}

// escaped quotes a text as one of several encoders does, or as none would.
func escaped(r *rand.Rand, text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(r.IntN(2) == 0)
	e.Encode(text)
	s := strings.TrimSpace(b.String())
	if r.IntN(3) > 0 {
		return s
	}
	for range r.IntN(20) {
		i := 1 + r.IntN(len(s)-1)
		if c := s[i-1]; c == '\\' || c == '"' || c >= 0x80 || s[i] >= 0x80 || !strings.ContainsRune(" *)0123456789\tab", rune(s[i])) ||
			strings.Contains(s[max(0, i-6):i], `\`) {
			continue
		}
		s = s[:i] + fmt.Sprintf(`\u%04x`, s[i]) + s[i+1:]
	}
	return s
}

// treesAgree fails unless the two checkers agree on texts of trees.
func treesAgree(t *testing.T, r *rand.Rand, text string) {
	t.Helper()
	quoted := escaped(r, text)
	node := []string{
		call("Classifier.decisionTreeEnsemble", `"treeStrings": {"constantValue": ["1) *", `+quoted+`, {"a": [`+quoted+`]}, `+quoted+`]}`),
		call("Classifier.decisionTree", `"treeString": {"constantValue": `+quoted+`}`),
		`{"functionInvocationValue": {"arguments": {"treeString": {"constantValue": ` + quoted + `}}, "functionName": "Classifier.decisionTree"}}`,
		call("Classifier.decisionTree", `"treeString": {"valueReference": "1"}`) + `, "1": {"constantValue": ` + quoted + `}`,
		call("Classifier.decisionTree", `"treeString": {"constantValue": `+quoted+`, "own": [`+quoted+`]}`),
		`{"functionInvocationValue": {"functionName": "Classifier.decisionTree", "arguments": {"treeString": {"constantValue": ["1) *"], "argumentReference": ` +
			quoted + `, "own": [` + quoted + `]}}}}`,
	}[r.IntN(6)]
	agree(t, []byte(one(node)), Strict)
}

func TestRandomTreesPassAndDamagedOnesGetTheSameFindings(t *testing.T) {
	for seed := range cases(1000) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := randomTrees(r)
		if broken := slowTrees(text); len(broken) > 0 {
			t.Fatalf("%q is broken: %v", text, broken)
		}
		treesAgree(t, r, text)
		for range 1 + r.IntN(3) {
			text = damageText(r, text)
		}
		treesAgree(t, r, text)
	}
}

func TestTreesAreWhole(t *testing.T) {
	deep := func(n int, last string) string {
		var b strings.Builder
		b.WriteString(`1)`)
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, `\n%d)`, uint64(1)<<i)
		}
		return b.String() + last
	}
	for _, tt := range []struct{ name, text, want string }{
		{"a tree of one node", `1) root 9 *`, ""},
		{"a tree of three", `1) root\n2) a *\n3) b *`, ""},
		{"two trees in one text", `1) *\n1)\n2) *\n3) *`, ""},
		{"headings, empty lines and indentation", `n= 4\n\nnode), split\n * denotes an end\n\n  1) root\r\n    2) a * \r\n\n\t3) b\t*\n`, ""},
		{"a line that begins with no number is a heading", `root)\n1) *\n)`, ""},
		{"escapes for what needs none", `\u0031) root\u000a2) \u002a\n3\u0029 *`, ""},
		{"a left child is missing", `1) root\n2) a\n3) b *`, "tree 1, line 3: expected 4, got 3;"},
		{"what geemap's users report", `1) root\n2) a\n4) b\n3) c *`, "tree 1, line 4: expected 8, got 3;"},
		{"a right child is missing", `1) root\n2) a *`, "tree 1 ends at line 2: expected 3;"},
		{"a right child further up is missing", `1)\n2)\n4) *\n5) *\n1) *`, "tree 1, line 5: expected 3, got 1;"},
		{"a node too many", `1) *\n2) *`, "tree 2, line 2: expected 1, got 2;"},
		{"a tree that begins with another number", `2) *`, "tree 1, line 1: expected 1, got 2;"},
		{"a second tree that is broken", `1) *\n\n1) \n3) *`, "tree 2, line 4: expected 2, got 3;"},
		{"a number of more than 64 bits", `1) \n99999999999999999999) *`, "tree 1, line 2: expected 2, got 99999999999999999999;"},
		{"the largest number of 64 bits", `1) \n18446744073709551615) *`, "got 18446744073709551615;"},
		{"zeros before a number", `1) \n00000000000000000000002) *\n003) *`, ""},
		{"a number of many digits", `1) \n` + strings.Repeat("9", 10_000) + `) *`, "got 99999999999999999999999999999999…;"},
		{"a tree 64 deep is not checked to its end", deep(64, `\n5) *`), ""},
		{"nor is it if a node 0 follows", deep(64, `\n0) longer than 24 bytes 1 *\n5) *`), ""},
		{"one 63 deep is", deep(63, `\n5) *`), "tree 1, line 64: expected 9223372036854775808, got 5;"},
		{"and so is the next tree", deep(64, `\n1) \n4) *`), "tree 2, line 66: expected 2, got 4;"},
		{"no tree", `root`, "holds no tree"},
		{"no text", ``, "holds no tree"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := trees(tt.text)
			err := valid(data, Strict)
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), `constantValue: `+tt.want) && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			agree(t, data, Strict)
		})
	}
}

func TestTreesAreFollowedToTheirConstants(t *testing.T) {
	const broken = `{"constantValue": "2) *"}`
	at := func(argument, path string) (string, string) {
		return entries(`"0": ` + call("Classifier.decisionTreeEnsemble", `"treeStrings": `+argument) + `, "a": ` + broken + `, "b": {"valueReference": "a"}`), path
	}
	const given = at0 + `.functionInvocationValue.arguments["treeStrings"]`
	for _, tt := range []struct{ name, argument, path string }{
		{"a constant", broken, given + `.constantValue`},
		{"an element of a constant", `{"constantValue": [1, ["2) *"], "1) *", "2) *"]}`, given + `.constantValue[3]`},
		{"an element of an arrayValue", `{"arrayValue": {"values": [{"constantValue": "1) *"}, ` + broken + `]}}`, given + `.arrayValue.values[1].constantValue`},
		{"a valueReference", `{"valueReference": "a"}`, `expression.values["a"].constantValue`},
		{"two of them", `{"valueReference": "b"}`, `expression.values["a"].constantValue`},
		{"one in an arrayValue", `{"arrayValue": {"values": [{"valueReference": "b"}, {"valueReference": "a"}]}}`, `expression.values["a"].constantValue`},
		{"a call of String", call("String", `"input": `+broken), given + `.functionInvocationValue.arguments["input"].constantValue`},
		{"a computed text", call("String.trim", `"string": `+broken), ""},
		{"a computed list", call("List.get", `"index": {"constantValue": 1}, "list": {"arrayValue": {"values": [`+broken+`]}}`), ""},
		{"a number", `{"constantValue": 2}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, path := at(tt.argument, tt.path)
			err := valid([]byte(in), Strict)
			if (err != nil) != (path != "") || err != nil && !strings.HasPrefix(err.Error(), "invalid expression: "+path+": tree 1, line 1") &&
				!strings.HasPrefix(err.Error(), "invalid expression: "+path+": tree 2, line 1") {
				t.Errorf("got %v, want %s", err, path)
			}
			agree(t, []byte(in), Strict)
		})
	}
}
