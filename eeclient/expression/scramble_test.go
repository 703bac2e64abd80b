package expression

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/eetest/requests"
)

var atLeast = flag.Uint64("cases", 0, "the number of cases of each random test, at least")

// cases returns how many cases a random test has that is content with n.
func cases(n uint64) uint64 { return max(n, *atLeast) }

// vocabulary is what replaces strings and keys.
var vocabulary = append(strings.Fields(`result values constantValue integer_value bytesValue arrayValue dictionaryValue
	functionDefinitionValue function_invocation_value functionInvocationValue functionName functionReference arguments
	argumentNames body argumentReference valueReference value_reference classifier id tableId 0 1 2 e0 e1 e2 x0 x1
	Classifier.train Classifier.smileCart Classifier.load Classifier.libsvm Image.load If Image.lod ee.Image.load own.f 12 AAAA own
	Classifier.decisionTree treeString Classifier.decisionTreeEnsemble treeStrings String input Imput features classProperty type scope`),
	"", "1) *", "1) a\n2) *\n3) *", "1) a\n3) *", "algorithms/String")

// scramble changes one thing somewhere in a tree.
func scramble(r *rand.Rand, root *tree) {
	var all []*tree
	var walk func(t *tree)
	walk = func(t *tree) {
		all = append(all, t)
		for _, m := range t.members {
			walk(m.value)
		}
		for _, e := range t.elems {
			walk(e)
		}
	}
	walk(root)
	pick := func() *tree { return all[r.IntN(len(all))] }
	word := func() string { return vocabulary[r.IntN(len(vocabulary))] }
	v := pick()
	for n := 0; n < 20 && v == root; n++ {
		v = pick() // the root itself only now and then
	}
	switch r.IntN(7) {
	case 0:
		*v = tree{kind: '"', text: word()}
	case 1:
		*v = tree{kind: []jsontext.Kind{'n', 't', '0', '{', '['}[r.IntN(5)], text: "7"}
	case 2, 3:
		if len(v.members) > 0 {
			v.members[r.IntN(len(v.members))].name = word()
		}
	case 4:
		if n := len(v.members); n > 0 {
			v.members = append(v.members[:n:n], v.members[r.IntN(n)])
			if r.IntN(2) == 0 {
				v.members[n].name = word()
			}
		}
	case 5:
		if n := len(v.members); n > 0 {
			i := r.IntN(n)
			v.members = append(v.members[:i:i], v.members[i+1:]...)
		}
	case 6:
		*v = *copyOf(pick())
	}
}

func copyOf(t *tree) *tree {
	c := &tree{kind: t.kind, text: t.text}
	for _, m := range t.members {
		c.members = append(c.members, treeMember{m.name, copyOf(m.value)})
	}
	for _, e := range t.elems {
		c.elems = append(c.elems, copyOf(e))
	}
	return c
}

func (t *tree) append(b []byte) []byte {
	switch t.kind {
	case 'n':
		return append(b, "null"...)
	case 't':
		return append(b, "true"...)
	case 'f':
		return append(b, "false"...)
	case '0':
		return append(b, t.text...)
	case '"':
		b, _ = jsontext.AppendQuote(b, t.text)
		return b
	case '[':
		b = append(b, '[')
		for i, e := range t.elems {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.append(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, m := range t.members {
		if i > 0 {
			b = append(b, ", "...)
		}
		b, _ = jsontext.AppendQuote(b, m.name)
		b = m.value.append(append(b, ':'))
	}
	return append(b, '}')
}

// scrambleSeeds are what is scrambled: everything the other tests check.
func scrambleSeeds(t testing.TB) (seeds []*tree) {
	t.Helper()
	var all [][]byte
	for _, name := range requests.Names() {
		if data := request(t, name); len(data) < 20_000 {
			all = append(all, data)
		}
	}
	for _, tt := range broken {
		all = append(all, []byte(tt.in))
	}
	for r := rule(1); r < numRules; r++ {
		if rules[r].example != "" {
			all = append(all, []byte(exampleOf(r)))
		}
	}
	for seed := range uint64(50) {
		all = append(all, newPlan(seed).write())
		text, _ := json.Marshal(randomTrees(rand.New(rand.NewPCG(seed, 4))))
		all = append(all, []byte(entries(`"0": `+call("Classifier.decisionTreeEnsemble",
			`"treeStrings": {"arrayValue": {"values": [`+call("String", `"input": {"valueReference": "1"}`)+`, {"valueReference": "1"}, {"constantValue": "1) *"}]}}`)+
			`, "1": {"constantValue": `+string(text)+`}, "2": {"constantValue": ["1) *", `+string(text)+`]}`)))
	}
	for _, data := range all {
		tree, err := parse(data)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, tree)
	}
	return seeds
}

// Two independent checkers of the same rules agree also on input that no table
// of errors has.
func TestScrambledExpressionsGetTheSameFindings(t *testing.T) {
	seeds := scrambleSeeds(t)
	for seed := range cases(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		tree := copyOf(seeds[r.IntN(len(seeds))])
		for range 1 + r.IntN(4) {
			scramble(r, tree)
			if data := tree.append(nil); len(data) < 50_000 {
				agree(t, data, Level(r.IntN(3)))
			}
		}
	}
}

// The reads of an expression are those that the reference finds.
func TestScrambledExpressionsAreDeniedTheSameReads(t *testing.T) {
	seeds := slices.DeleteFunc(scrambleSeeds(t), func(seed *tree) bool { return !bytes.Contains(seed.append(nil), []byte(".load")) })
	denied := 0
	for seed := range cases(1000) {
		r := rand.New(rand.NewPCG(seed, 5))
		tree := copyOf(seeds[r.IntN(len(seeds))])
		scramble(r, tree)
		data, prefixes := tree.append(nil), []string{"f", "COPERNICUS", "projects/my-project"}[:1+r.IntN(3)]
		result, err := checkWith(data, Structure, Options{AllowedReads: prefixes})
		if err != nil {
			continue
		}
		slow, err := slowCheck(data, Structure, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if result.Denied != nil {
			denied++
			got = result.Denied.Path
		}
		if want := slow.denied(prefixes); got != shortened(verdict{path: want}).path {
			t.Fatalf("seed %d: %s\ngot %s, want %s", seed, data, got, want)
		}
	}
	if denied < 20 {
		t.Errorf("only %d reads were denied", denied)
	}
}
