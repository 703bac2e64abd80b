package expression

import (
	"bytes"
	"fmt"
	"strings"
)

// A hostile shape is an expression that is made to be slow or large.
type hostile struct {
	name string
	make func(size int) []byte // of about size bytes
	with Options
}

// repeat writes text for i = 0, 1, … until there are size bytes of it.
func repeat(size int, format string) string {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		if strings.Contains(format, "%") {
			fmt.Fprintf(&b, format, i)
		} else {
			b.WriteString(format)
		}
	}
	return strings.TrimSuffix(b.String(), ",")
}

// entriesOf makes an expression of nodes with the keys "0", "1", …
func entriesOf(nodes ...string) []byte {
	return writeEntries(len(nodes), func(b *bytes.Buffer, i int) { b.WriteString(nodes[i]) })
}

// chain makes each entry refer to the next.
func chain(size int) []byte {
	n := size / 33
	return writeEntries(n, func(b *bytes.Buffer, i int) {
		if i == n-1 {
			b.WriteString(`{"constantValue":"end"}`)
			return
		}
		fmt.Fprintf(b, `{"valueReference":"%d"}`, i+1)
	})
}

// trees calls decisionTree with a text.
func trees(text string) []byte {
	return []byte(one(`{"functionInvocationValue":{"functionName":"Classifier.decisionTree","arguments":{"treeString":{"constantValue":"` + text + `"}}}}`))
}

func inList(nodes string) []byte { return []byte(one(`{"arrayValue":{"values":[` + nodes + `]}}`)) }

// hostiles are what the cost of a check is measured on. In their formats %[1]d
// is the number of the repetition, so that names differ.
var hostiles = []hostile{
	{name: "keys of one object", make: func(n int) []byte { return []byte(one(`{"constantValue":{` + repeat(n, `"%d":0,`) + `}}`)) }},
	{name: "keys with escapes", make: func(n int) []byte { return []byte(one(`{"constantValue":{` + repeat(n, `"\n%d":0,`) + `}}`)) }},
	{name: "keys of objects in one another", make: func(n int) []byte {
		level := `{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"` + strings.Repeat("i", max(1, n/9000-50)) + `":`
		return []byte(one(`{"constantValue":` + strings.Repeat(level, min(9000, n/60)) + `0` + strings.Repeat(`}`, min(9000, n/60)) + `}`))
	}},
	{name: "small objects", make: func(n int) []byte { return []byte(one(`{"constantValue":[` + repeat(n, `{"a":%d},`) + `]}`)) }},
	{name: "numbers", make: func(n int) []byte { return []byte(one(`{"constantValue":[` + strings.Repeat("1,", n/2) + `1]}`)) }},
	{name: "empty nodes", make: func(n int) []byte { return inList(strings.Repeat("{},", n/3) + "{}") }},
	{name: "constants", make: func(n int) []byte { return inList(repeat(n, `{"constantValue":%d},`)) }},
	{name: "entries", make: func(n int) []byte {
		return []byte(one(`{"constantValue":1},` + repeat(n, `"e%d":{"constantValue":1},`)))
	}},
	{name: "entries that are broken", make: func(n int) []byte { return []byte(one(`{"constantValue":1},` + repeat(n, `"e%d":{},`))) }},
	{name: "references to one entry", make: func(n int) []byte {
		return entriesOf(`{"arrayValue":{"values":[`+repeat(n, `{"valueReference":"1"},`)+`]}}`, `{"constantValue":1}`)
	}},
	{name: "references to nothing", make: func(n int) []byte { return inList(repeat(n, `{"valueReference":"e%d"},`)) }},
	{name: "a chain of references", make: chain},
	{name: "calls of unknown functions", make: func(n int) []byte {
		return inList(repeat(n, `{"functionInvocationValue":{"functionName":"own.f%d"}},`))
	}},
	{name: "calls of misspelt functions", make: func(n int) []byte {
		return inList(repeat(n, `{"functionInvocationValue":{"functionName":"image.load%d"}},`))
	}},
	{name: "calls of one misspelt function", make: func(n int) []byte {
		return inList(repeat(n, `{"functionInvocationValue":{"functionName":"image.load"}},`))
	}},
	{name: "arguments of one call", make: func(n int) []byte {
		return []byte(one(`{"functionInvocationValue":{"functionName":"If","arguments":{` + repeat(n, `"%d":{"constantValue":1},`) + `}}}`))
	}},
	{name: "arguments of one call that are broken", make: func(n int) []byte {
		return []byte(one(`{"functionInvocationValue":{"functionName":"If","arguments":{` + repeat(n, `"a%d":{},`) + `}}}`))
	}},
	{name: "arguments that functions do not have", make: func(n int) []byte {
		return inList(repeat(n, `{"functionInvocationValue":{"functionName":"Classifier.amnhMaxent","arguments":{"seeds%[1]d":{"constantValue":1},"linears%[1]d":{"constantValue":1}}}},`))
	}},
	{name: "names that nothing refers to", make: func(n int) []byte {
		return entriesOf(`{"functionDefinitionValue":{"argumentNames":[`+repeat(n, `"x%d",`)+`],"body":"1"}}`, `{"argumentReference":"x1"}`)
	}},
	{name: "names that nothing binds", make: func(n int) []byte { return inList(repeat(n, `{"argumentReference":"x%d"},`)) }},
	{name: "two functions that bind many names, and a long chain", make: func(n int) []byte {
		names := min(n/200, 1000)
		f := `{"functionDefinitionValue":{"argumentNames":[` + repeat(8*names, `"x%04d",`) + `],"body":"c0"}}`
		var b strings.Builder
		b.WriteString(`{"result":"0","values":{"0":{"arrayValue":{"values":[` + f + `,` + f + `]}}`)
		for i := 0; b.Len() < n-32*names; i++ {
			fmt.Fprintf(&b, `,"c%d":{"valueReference":"c%d"}`, i, i+1)
			if next := fmt.Sprintf(`"c%d"`, i+1); b.Len() >= n-32*names {
				b.WriteString(`,` + next + `:{"arrayValue":{"values":[` + repeat(30*names, `{"argumentReference":"x%04d"},`) + `]}}`)
			}
		}
		return []byte(b.String() + `}}`)
	}},
	{name: "functions in one another, each with a name of its own", make: func(n int) []byte { return nested(min(n/100, 20_000)) }},
	{name: "two ways to every entry", make: func(n int) []byte { return ladder(n / 100) }},
	{name: "forks", make: func(n int) []byte { return forks(min(n/200, 10_000)) }},
	{name: "reads of one long constant", with: Options{AllowedReads: []string{"x"}}, make: func(n int) []byte {
		return entriesOf(`{"arrayValue":{"values":[`+repeat(n/2, `{"functionInvocationValue":{"functionName":"Image.load","arguments":{"id":{"valueReference":"1"}}}},`)+`]}}`,
			`{"constantValue":"x/\n`+strings.Repeat("y", n/2)+`"}`)
	}},
	{name: "reads through a long chain", with: Options{AllowedReads: []string{"e"}}, make: func(n int) []byte {
		loads := `"loads":{"arrayValue":{"values":[` + repeat(n/2, `{"functionInvocationValue":{"functionName":"Image.load","arguments":{"id":{"valueReference":"0"}}}},`) + `]}},`
		return bytes.Replace(chain(n/2), []byte(`"values":{`), []byte(`"values":{`+loads), 1)
	}},
	{name: "a read of a constant with many escapes", with: Options{AllowedReads: []string{"x"}}, make: func(n int) []byte {
		return inside(call("Image.load", `"id": {"constantValue": "x\/`+strings.Repeat(`yyyyyyyyyyyyyyyyyy\/`, n/20)+`"}`))
	}},
	{name: "a long line of trees with many escapes", make: func(n int) []byte { return trees(`1) ` + strings.Repeat(`yyyyyyyyyyyyyyyyyy\/`, n/20) + `*`) }},
	{name: "trees of one node", make: func(n int) []byte { return trees(strings.Repeat(`1)*\n`, n/5)) }},
	{name: "trees that are broken", make: func(n int) []byte { return trees(strings.Repeat(`1)\n5)\n`, n/8)) }},
	{name: "lines that are not nodes", make: func(n int) []byte { return trees(`1)*` + strings.Repeat(`\n`, n/2)) }},
	{name: "lines that have to be unescaped", make: func(n int) []byte { return trees(strings.Repeat(`1) \u002a\u000a`, n/15)) }},
	{name: "a tree as deep as it is long", make: func(n int) []byte { return trees(strings.Repeat(`1)\n2)\n4)\n8)\n`, n/16)) }},
	{name: "many calls with the same trees", make: func(n int) []byte {
		return entriesOf(`{"arrayValue":{"values":[`+repeat(n/2, `{"functionInvocationValue":{"functionName":"Classifier.decisionTree","arguments":{"treeString":{"valueReference":"1"}}}},`)+`]}}`,
			`{"constantValue":"`+strings.Repeat(`1)*\n`, n/10)+`"}`)
	}},
	{name: "ensembles in one another", make: func(n int) []byte {
		const open = `{"functionInvocationValue":{"functionName":"Classifier.decisionTreeEnsemble","arguments":{"treeStrings":{"arrayValue":{"values":[`
		levels := min(n/300, 1600)
		return []byte(one(strings.Repeat(open, levels) + repeat(n/2, `{"integerValue":"%d"},`) + strings.Repeat(`]}}}}}`, levels)))
	}},
	{name: "one name that a function binds many times", make: func(n int) []byte {
		return entriesOf(`{"functionDefinitionValue":{"argumentNames":[`+strings.Repeat(`"a",`, n/4)+`"a"],"body":"1"}}`, `{"argumentReference":"a"}`)
	}},
	{name: "open references", with: Options{Arguments: map[string][]byte{"x": []byte("1")}}, make: func(n int) []byte {
		return inList(repeat(n, `{"argumentReference":"x"},`))
	}},
	{name: "integers in another form", make: func(n int) []byte { return inList(repeat(n, `{"integerValue":"%d.0"},`)) }},
	{name: "integers of many digits", make: func(n int) []byte {
		return inList(repeat(n, `{"integerValue":"%d`+strings.Repeat("0", 380)+`e-380"},`))
	}},
	{name: "an end in the middle of many keys", make: func(n int) []byte { return []byte(`{"a":{` + repeat(n, `"\u0061%d":0,`)) }},
	{
		name: "many calls with the trees of one argument", with: Options{Arguments: map[string][]byte{"x": []byte(`"` + strings.Repeat(`1)*\n`, 1<<17) + `"`)}},
		make: func(n int) []byte {
			return inList(repeat(n, call("Classifier.decisionTree", `"treeString": {"argumentReference": "x"}`)+`,`))
		},
	},
	{name: "escapes", make: func(n int) []byte { return []byte(one(`{"constantValue":"` + strings.Repeat(`\"\u00e9`, n/8) + `"}`)) }},
	{name: "text that is not ASCII", make: func(n int) []byte { return []byte(one(`{"constantValue":"` + strings.Repeat(`é<`, n/3) + `"}`)) }},
	{name: "quotes behind backslashes", make: func(n int) []byte { return []byte(one(`{"constantValue":"` + strings.Repeat(`\\\"`, n/4) + `"}`)) }},
	{name: "an ensemble", make: func(n int) []byte { return ensemble(n/62_000+1, 1023) }},
	{name: "calls", make: func(n int) []byte { return calls(n / 180) }},
}
