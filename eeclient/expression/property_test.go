package expression

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A plan is a random expression that passes Strict. Entry 0 is the result;
// references lead from lower numbers to higher, and entries are written in any
// order.
type plan struct {
	*rand.Rand
	parts [][]string // the ValueNodes of each entry
	bound []map[string]bool
	reach []bool
}

func newPlan(seed uint64) *plan {
	p := &plan{Rand: rand.New(rand.NewPCG(seed, 0))}
	n := 2 + p.IntN(12)
	p.parts = make([][]string, n)
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
			p.parts[i] = append(p.parts[i], []string{
				`{"constantValue": {"a": [1, -2.5e3, null, true], "b": "\u00e9\n"}}`, `{"integerValue": "-7"}`, `{"integer_value": 12e2}`,
				`{"bytesValue": "_-8"}`, `{"bytes_value": "+/8="}`, `{"arrayValue": {}}`, `{"dictionary_value": {"values": null}}`,
			}[p.IntN(7)])
		}
		// What is bound here on every path is known now: all references to
		// this entry come from entries before it.
		for _, name := range slices.Sorted(maps.Keys(p.bound[i])) {
			if p.IntN(3) == 0 {
				p.parts[i] = append(p.parts[i], `{"argumentReference": "`+name+`"}`)
			}
		}
		if !p.reach[i] {
			p.parts[i] = append(p.parts[i], `{"argument_reference": "anything"}`)
		}
	}
	// A function whose body shares a hoisted node with nobody else.
	p.parts[0] = append(p.parts[0], `{"functionDefinitionValue": {"argumentNames": ["own"], "body": "body"}}`)
	return p
}

// refer adds a reference, and computes which names stay bound at its target.
func (p *plan) refer(from, to, names int) {
	var binds []string
	key := "e" + strconv.Itoa(to)
	switch p.IntN(3) {
	case 0:
		p.parts[from] = append(p.parts[from], `{"valueReference": "`+key+`"}`)
	case 1:
		p.parts[from] = append(p.parts[from], `{"functionInvocationValue": {"function_reference": "\u0065`+key[1:]+`"}}`)
	case 2:
		for range 1 + p.IntN(1+names/2) {
			binds = append(binds, "x"+strconv.Itoa(p.IntN(names)))
		}
		list := `"argumentNames": ["` + strings.Join(binds, `", "`) + `"]`
		body := `"body": "` + key + `"`
		if p.IntN(2) == 0 {
			list, body = body, list
		}
		p.parts[from] = append(p.parts[from], `{"functionDefinitionValue": {`+list+`, `+body+`}}`)
	}
	if !p.reach[from] {
		return
	}
	now := maps.Clone(p.bound[from])
	for _, name := range binds {
		now[name] = true
	}
	if p.reach[to] {
		maps.DeleteFunc(now, func(name string, _ bool) bool { return !p.bound[to][name] })
	}
	p.reach[to], p.bound[to] = true, now
}

// node writes a node that holds the parts.
func (p *plan) node(parts []string) string {
	if len(parts) == 1 && p.IntN(3) > 0 {
		return parts[0]
	}
	if len(parts) == 0 {
		return `{"constantValue": 1}`
	}
	cut := 1 + p.IntN(len(parts))
	form := []string{
		`{"arrayValue": {"values": [%s, %s]}}`,
		`{"dictionary_value": {"values": {"k": %s, "": %s}}}`,
		`{"functionInvocationValue": {"arguments": {"a": %s, "b": %s}, "functionName": "own.f"}}`,
	}[p.IntN(3)]
	return fmt.Sprintf(form, p.node(parts[:cut]), p.node(parts[cut:]))
}

func (p *plan) write() []byte {
	list := []string{`"body": {"valueReference": "hoisted"}`, `"hoisted": {"argumentReference": "own"}`}
	for i, parts := range p.parts {
		node := p.node(parts)
		if i == 0 {
			node = call("Classifier.train", `"features": `+node+`, "classProperty": {"constantValue": "c"}, "classifier": `+call("Classifier.smileCart", ""))
		}
		list = append(list, fmt.Sprintf(`"e%d": %s`, i, node))
	}
	p.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	values, result := `"values": {`+strings.Join(list, ", ")+`}`, `"result": "e0"`
	if p.IntN(2) == 0 {
		result, values = values, result
	}
	return []byte("{" + result + ",\n\t" + values + "}")
}

// Random scrambling of these, in TestScrambledExpressionsGetTheSameFindings, shows that
// what is broken is found.
func TestRandomSoundExpressionsPass(t *testing.T) {
	for seed := range cases(150) {
		whole := newPlan(seed).write()
		if _, err := check(whole, Strict); err != nil {
			t.Fatalf("seed %d: %s\nis sound, but: %v", seed, whole, err)
		}
		agree(t, whole, Strict)
	}
}
