package expression

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A part writes a ValueNode that stands at a path.
type part func(path string) string

// A plan is a random expression that passes Strict. Entry 0 is the result;
// references lead from lower numbers to higher, and entries are written in any
// order.
type plan struct {
	*rand.Rand
	parts  [][]part // of each entry
	bound  []map[string]bool
	reach  []bool
	result string
	extra  string // more entries
	model  string // the algorithm
}

func fixed(node string) part { return func(string) string { return node } }

func newPlan(seed uint64) *plan {
	p := &plan{Rand: rand.New(rand.NewPCG(seed, 0)), result: "e0", model: "Classifier.smileCart"}
	n := 2 + p.IntN(12)
	p.parts = make([][]part, n)
	p.bound = make([]map[string]bool, n)
	p.reach = make([]bool, n)
	p.reach[0], p.bound[0] = true, map[string]bool{}
	names := 1 + p.IntN(4)
	if p.IntN(4) == 0 {
		names = 70 + p.IntN(60) // more than fit in a word
	}
	for i := range n {
		for range p.IntN(5) {
			if i+1 < n {
				p.refer(i, i+1+p.IntN(n-i-1), names)
			}
		}
		for range p.IntN(3) {
			p.parts[i] = append(p.parts[i], fixed([]string{
				`{"constantValue": {"a": [1, -2.5e3, null, true], "b": "\u00e9\n"}}`, `{"integerValue": "-7"}`, `{"integer_value": 12e2}`,
				`{"bytesValue": "_-8"}`, `{"bytes_value": "+/8="}`, `{"arrayValue": {}}`, `{"dictionary_value": {"values": null}}`,
			}[p.IntN(7)]))
		}
		// What is bound here on every path is known now: all references to
		// this entry come from entries before it.
		bound := make([]string, 0, len(p.bound[i]))
		for name := range p.bound[i] {
			bound = append(bound, name)
		}
		slices.Sort(bound)
		for _, name := range bound {
			if p.IntN(3) == 0 {
				p.parts[i] = append(p.parts[i], fixed(`{"argumentReference": "`+name+`"}`))
			}
		}
		if !p.reach[i] {
			p.parts[i] = append(p.parts[i], fixed(`{"argument_reference": "anything"}`))
		}
	}
	// A function whose body shares a hoisted node with nobody else.
	p.parts[0] = append(p.parts[0], fixed(`{"functionDefinitionValue": {"argumentNames": ["own"], "body": "body"}}`))
	p.extra = `"body": {"valueReference": "hoisted"}, "hoisted": {"argumentReference": "own"}`
	return p
}

// refer adds a reference, and works out what it leaves bound at its target.
func (p *plan) refer(from, to, names int) {
	var binds []string
	key := "e" + strconv.Itoa(to)
	switch p.IntN(3) {
	case 0:
		p.parts[from] = append(p.parts[from], fixed(`{"valueReference": "`+key+`"}`))
	case 1:
		p.parts[from] = append(p.parts[from], fixed(`{"functionInvocationValue": {"function_reference": "\u0065`+key[1:]+`"}}`))
	case 2:
		for range 1 + p.IntN(1+names/2) {
			binds = append(binds, "x"+strconv.Itoa(p.IntN(names)))
		}
		list := `"argumentNames": ["` + strings.Join(binds, `", "`) + `"]`
		body := `"body": "` + key + `"`
		if p.IntN(2) == 0 {
			list, body = body, list
		}
		p.parts[from] = append(p.parts[from], fixed(`{"functionDefinitionValue": {`+list+`, `+body+`}}`))
	}
	if !p.reach[from] {
		return
	}
	now := map[string]bool{}
	for _, name := range binds {
		now[name] = true
	}
	for name := range p.bound[from] {
		now[name] = true
	}
	if p.reach[to] {
		for name := range now {
			if !p.bound[to][name] {
				delete(now, name)
			}
		}
	}
	p.reach[to], p.bound[to] = true, now
}

// node writes a node that holds the parts.
func (p *plan) node(path string, parts []part) string {
	if len(parts) == 1 && p.IntN(3) > 0 {
		return parts[0](path)
	}
	if len(parts) == 0 {
		return `{"constantValue": 1}`
	}
	cut := 1 + p.IntN(len(parts))
	halves := [][]part{parts[:cut], parts[cut:]}
	switch p.IntN(3) {
	case 0:
		path += ".arrayValue.values"
		return `{"arrayValue": {"values": [` + p.node(path+"[0]", halves[0]) + `, ` + p.node(path+"[1]", halves[1]) + `]}}`
	case 1:
		path += ".dictionary_value.values"
		return `{"dictionary_value": {"values": {"k": ` + p.node(path+`["k"]`, halves[0]) + `, "": ` + p.node(path+`[""]`, halves[1]) + `}}}`
	}
	path += ".functionInvocationValue.arguments"
	return `{"functionInvocationValue": {"arguments": {"a": ` + p.node(path+`["a"]`, halves[0]) + `, "b": ` + p.node(path+`["b"]`, halves[1]) + `}, "functionName": "own.f"}}`
}

func (p *plan) write() []byte {
	var list []string
	for i, parts := range p.parts {
		key := "e" + strconv.Itoa(i)
		path := `expression.values["` + key + `"]`
		if i > 0 {
			list = append(list, `"`+key+`": `+p.node(path, parts))
			continue
		}
		path += ".functionInvocationValue.arguments"
		list = append(list, `"`+key+`": {"functionInvocationValue": {"functionName": "Classifier.train", "arguments": {`+
			`"features": `+p.node(path+`["features"]`, parts)+`, "classProperty": {"constantValue": "c"}, "classifier": {"functionInvocationValue": {"functionName": "`+p.model+`"}}}}}`)
	}
	list = append(list, p.extra)
	p.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	values := `"values": {` + strings.Join(list, ", ") + `}`
	result := `"result": "` + p.result + `"`
	if p.IntN(2) == 0 {
		result, values = values, result
	}
	return []byte("{" + result + ",\n\t" + values + "}")
}

// break1 breaks one thing and returns what is to be found; the path is known
// once the plan has been written.
func (p *plan) break1() *verdict {
	want := &verdict{}
	i := p.IntN(len(p.parts))
	add := func(r rule, node, below string) {
		want.rule = r
		at := p.IntN(len(p.parts[i]) + 1)
		p.parts[i] = slices.Insert(p.parts[i], at, func(path string) string {
			want.path = path + below
			return node
		})
	}
	switch p.IntN(16) {
	case 0:
		add(ruleDangling, `{"valueReference": "nowhere"}`, ".valueReference")
	case 1:
		add(ruleDangling, `{"functionDefinitionValue": {"body": "nowhere"}}`, ".functionDefinitionValue.body")
	case 2:
		add(ruleEmptyNode, `{}`, "")
	case 3:
		add(ruleNullNode, `null`, "")
	case 4:
		add(ruleTwoKinds, `{"constantValue": 1, "valueReference": "e1"}`, ".valueReference")
	case 5:
		add(ruleUnknownField, `{"constantValue": 1, "comment": [{}, []]}`, ".comment")
	case 6:
		add(ruleDuplicateKey, `{"constantValue": [1, {"a": 1, "\u0061": 2}]}`, `.constantValue[1]["a"]`)
	case 7:
		add(ruleInteger, `{"integerValue": "0x7"}`, ".integerValue")
	case 8:
		add(ruleBase64, `{"bytesValue": "?"}`, ".bytesValue")
	case 9:
		add(ruleCycle, fmt.Sprintf(`{"valueReference": "e%d"}`, i), ".valueReference")
	case 10:
		i = 0
		add(ruleUnbound, `{"argumentReference": "nobody"}`, ".argumentReference")
	case 11:
		i = 0
		add(rulePartlyBound, `{"valueReference": "hoisted"}`, "")
		p.parts[0] = append(p.parts[0], func(string) string { return `{"constantValue": 0}` })
	case 12:
		p.model = "Classifier.minimumDistance"
		*want = verdict{`expression.values["e0"].functionInvocationValue.arguments["classifier"].functionInvocationValue.functionName`, ruleNotExportable}
	case 13:
		p.result = "nowhere"
		*want = verdict{`expression.result`, ruleDangling}
	case 14:
		p.extra += `, "hoisted": 1`
		*want = verdict{`expression.values["hoisted"]`, ruleDuplicateKey}
	case 15:
		add(ruleNoFunction, `{"functionInvocationValue": {"arguments": {}}}`, ".functionInvocationValue")
	}
	return want
}

func TestOneBreakGivesOneFinding(t *testing.T) {
	for seed := range cases(150) {
		whole := newPlan(seed).write()
		if _, err := check(whole, Strict); err != nil {
			t.Fatalf("seed %d: %s\nis valid, but: %v", seed, whole, err)
		}
		agree(t, whole, Strict)

		p := newPlan(seed)
		want := p.break1()
		data := p.write()
		if want.rule == rulePartlyBound {
			want.path = `expression.values["hoisted"].argumentReference`
		}
		got, _, syntax := inspect(t, data, Strict, nil)
		*want = shortened(*want)
		if syntax != nil || len(got) != 1 || got[0] != *want {
			t.Fatalf("seed %d: %s\n got %v %v\nwant %v", seed, data, got, syntax, *want)
		}
		agree(t, data, Strict)
	}
}
