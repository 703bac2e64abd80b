package expression

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// deep opens a container n times.
func deep(n int, open string) []byte {
	return []byte(`{"result": "0", "values": {"0": ` + strings.Repeat(open, n))
}

// list makes a list of n nodes the result.
func list(n int, node string) []byte {
	nodes := strings.TrimSuffix(strings.Repeat(node+",", n), ",")
	return []byte(one(`{"arrayValue": {"values": [` + nodes + `]}}`))
}

func TestLimitsStopTheReading(t *testing.T) {
	digits := func(n int) []byte { return []byte(one(`{"constantValue": ` + strings.Repeat("7", n) + `}`)) }
	key := func(n int) []byte { return []byte(one(`{"constantValue": {"` + strings.Repeat("k", n) + `": 1}}`)) }
	nest := func(n int) []byte { // to a depth of n, the expression included
		return []byte(one(`{"constantValue": ` + strings.Repeat("[", n-3) + strings.Repeat("]", n-3) + `}`))
	}
	for _, tt := range []struct {
		name   string
		in     []byte
		reason string // empty if it passes
	}{
		{"a number at the limit", digits(maxNumberBytes), ""},
		{"a number above it", digits(maxNumberBytes + 1), "too many digits"},
		{"a number of 10,000 digits", digits(10_000), "too many digits"},
		{"a fraction of 10,000 digits", []byte(`{"a": 0.` + strings.Repeat("1", 10_000) + `}`), "too many digits"},
		{"an exponent of 10,000 digits", []byte(`{"a": 1e` + strings.Repeat("1", 10_000) + `}`), "too many digits"},
		{"a key at the limit", key(maxKeyBytes), ""},
		{"a key above it", key(maxKeyBytes + 1), "key is too long"},
		{"a key of a megabyte", key(1 << 20), "key is too long"},
		{"nesting at the limit", nest(maxDepth), ""},
		{"nesting above it", nest(maxDepth + 1), "nested too deeply"},
		{"100,000 lists", deep(100_000, "["), "nested too deeply"},
		{"100,000 lists in a constant", deep(100_000, `{"constantValue": [`), "nested too deeply"},
		{"100,000 nodes within nodes", deep(100_000, `{"arrayValue": {"values": [`), "nested too deeply"},
		{"100,000 calls within calls", deep(100_000, `{"functionInvocationValue": {"functionName": "f", "arguments": {"a": `), "nested too deeply"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, level := range []Level{Off, Structure} {
				_, err := check(tt.in, level)
				var syntax *SyntaxError
				if errors.As(err, &syntax) != (tt.reason != "") || syntax != nil && !strings.Contains(syntax.Reason, tt.reason) {
					t.Errorf("%s: got %.300v", level, err)
				}
				if syntax != nil && len(syntax.Error()) > 4000 {
					t.Errorf("the error has %d bytes", len(syntax.Error()))
				}
			}
		})
	}
}

func TestTooManyNodesAreOneFinding(t *testing.T) {
	// The list is a node too.
	if s, err := check(list(maxNodes-1, `{"constantValue":1}`), Structure); err != nil || s.Nodes != maxNodes {
		t.Errorf("at the limit: %.300v", err)
	}
	for _, node := range []string{`{"constantValue":1}`, `{"constantValue":true}`, `{"functionInvocationValue":{"functionName":"f","arguments":{}}}`} {
		_, err := check(list(maxNodes, node), Structure)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || len(invalid.Violations) != 1 || !strings.Contains(invalid.Violations[0].Description, "more than 500,000") {
			t.Errorf("%s above the limit: %.300v", node, err)
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	long := strings.Repeat("long ", 1900)
	for _, tt := range []struct {
		name string
		in   []byte
	}{
		{"a million empty nodes", list(1_000_000, `{}`)},
		{"a million nulls", list(1_000_000, `null`)},
		{"many unknown fields", list(10_000, `{"constantValue":1,"x":2}`)},
		{"many references to nothing", list(10_000, `{"valueReference":"x"}`)},
		{"many unbound arguments", list(10_000, `{"argumentReference":"x"}`)},
		{"many references to itself", list(10_000, `{"valueReference":"0"}`)},
		{"long names", list(100, `{"functionDefinitionValue":{"argumentNames":[],"body":"`+long+`","`+long+`":1}}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := check(tt.in, Strict)
			var invalid *InvalidError
			if !errors.As(err, &invalid) || len(invalid.Violations) != maxViolations || !invalid.Truncated {
				t.Fatalf("got %.300v", err)
			}
			for _, v := range invalid.Violations {
				if len(v.Path)+len(v.Description) > 1000 {
					t.Errorf("too long: %s: %s", v.Path, v.Description)
				}
			}
		})
	}
}

func TestALongCycleIsShortened(t *testing.T) {
	const n = 20_000
	in := writeEntries(n, func(b *bytes.Buffer, i int) { fmt.Fprintf(b, `{"valueReference":"%d"}`, (i+1)%n) })
	_, err := check(in, Strict)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Violations) != 1 {
		t.Fatalf("got %.300v", err)
	}
	want := `this reference leads back to itself: "0" → "1" → "2" → … → "19998" → "19999" → "0"; remove one reference of the cycle`
	if got := invalid.Violations[0].Description; got != want {
		t.Errorf("got %s", got)
	}
}

// keys makes a constant of n keys in one object.
func keys(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	return []byte(one(`{"constantValue": {` + b.String() + `"last":0}}`))
}

// towers makes objects within objects that all have the same n keys.
func towers(n int) []byte {
	level := `{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":`
	return []byte(one(`{"constantValue":` + strings.Repeat(level, n) + `0` + strings.Repeat(`}`, n) + `}`))
}

func TestRepeatsAreFoundAmongManyKeys(t *testing.T) {
	for _, in := range [][]byte{keys(50_000), towers(9_000)} {
		if _, err := check(in, Structure); err != nil {
			t.Fatalf("got %.300v", err)
		}
	}
	in := bytes.Replace(keys(50_000), []byte(`"last"`), []byte(`"\u0031"`), 1)
	found, _, _ := inspect(t, in, Structure, nil)
	if len(found) != 1 || found[0] != (verdict{at0 + `.constantValue["1"]`, ruleDuplicateKey}) {
		t.Errorf("got %v", found)
	}
	in = bytes.Replace(towers(20), []byte(`"o":0`), []byte(`"a":0`), 1)
	if found, _, _ := inspect(t, in, Structure, nil); len(found) != 1 {
		t.Errorf("got %v", found)
	}
}

// Valid graphs that are made to be slow.
func TestLargeGraphsAreDecided(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		want verdict
	}{
		{"a ladder", ladder(20_000), verdict{}},
		{"nested functions", nested(5_000), verdict{}},
		{"forks", forks(1_000), verdict{}},
		{"a chain of calls", calls(20_000), verdict{}},
		{
			"a ladder that is entered at the side",
			bytes.Replace(ladder(20_000), []byte(`{"functionReference":"1"}`), []byte(`{"functionReference":"1","arguments":{"a":{"valueReference":"900"}}}`), 1),
			verdict{`expression.values["20001"].argumentReference`, rulePartlyBound},
		},
		{
			"nested functions, one of them without its name",
			bytes.Replace(nested(5_000), []byte(`["x777"]`), []byte(`[]`), 1),
			verdict{`expression.values["5001"].arrayValue.values[776].argumentReference`, ruleUnbound},
		},
		{
			"nested functions, one of them gone around",
			bytes.Replace(nested(5_000), []byte(`{"functionReference":"1"}`), []byte(`{"functionReference":"1","arguments":{"a":{"valueReference":"2"}}}`), 1),
			verdict{`expression.values["5001"].arrayValue.values[0].argumentReference`, rulePartlyBound},
		},
		{
			"forks, one way of which does not bind",
			bytes.Replace(forks(1_000), []byte(`["x700"]`), []byte(`["y"]`), 1),
			verdict{`expression.values["1000"].arrayValue.values[700].argumentReference`, rulePartlyBound},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, _, syntax := inspect(t, tt.in, Structure, nil)
			if syntax != nil || len(found) > 1 || len(found) == 0 && tt.want.path != "" || len(found) == 1 && found[0] != tt.want {
				t.Errorf("got %v %v", found, syntax)
			}
		})
	}
}

// TestNothingTakesMoreThanFiveTimesItsSize counts all memory that is allocated,
// whether or not it is freed meanwhile.
func TestNothingTakesMoreThanFiveTimesItsSize(t *testing.T) {
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			data := h.make(1 << 20)
			runtime.GC()
			runtime.GC() // which empties the pool of scanners
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			checkWith(data, Strict, h.with)
			runtime.ReadMemStats(&after)
			if taken := after.TotalAlloc - before.TotalAlloc; taken > uint64(5*len(data)) {
				t.Errorf("%d bytes take %d", len(data), taken)
			}
		})
	}
}
