package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest/requests"
)

// request returns the expression of a real request, byte for byte.
func request(t testing.TB, name string) []byte {
	t.Helper()
	var body struct {
		Expression json.RawMessage `json:"expression"`
	}
	if err := json.Unmarshal(requests.Get(name), &body); err != nil {
		t.Fatal(err)
	}
	return body.Expression
}

func compact(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ensemble returns a decision tree ensemble of the given number of trees, each
// complete and of at most the given number of lines.
func ensemble(trees, lines int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"result": "0", "values": {"0": {"functionInvocationValue": {"functionName": "Classifier.decisionTreeEnsemble", "arguments": {"treeStrings": {"constantValue": [`)
	for t := range trees {
		if t > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"n= 400\n\nnode), split, n, loss, yval, (yprob)\n      * denotes terminal node\n`)
		treeLines(&b, 1, 1, (lines+1)/2, uint32(t))
		b.WriteByte('"')
	}
	b.WriteString(`]}}}}}}`)
	return b.Bytes()
}

// treeLines writes a node and those below it, of which the last are numbered
// from ends on.
func treeLines(b *bytes.Buffer, n, depth, ends int, seed uint32) {
	end, compare := "", "<"
	if n >= ends {
		end = " *"
	}
	if n%2 == 1 {
		compare = ">="
	}
	r := (seed<<16 | uint32(n)) * 2654435761
	fmt.Fprintf(b, `\n%s%d) %s%s0.%06d %d %d %d (0.%03d 0.%03d)%s`, strings.Repeat("  ", depth), n,
		[]string{"B2", "B3", "B4", "B8", "NDVI"}[r>>8%5], compare, r%1000000, r>>4%999, r>>3%10, r>>7%4, r>>9%1000, r>>5%1000, end)
	if n < ends {
		treeLines(b, 2*n, depth+1, ends, seed)
		treeLines(b, 2*n+1, depth+1, ends, seed)
	}
}

// writeEntries makes an expression of n entries with the keys "0" to n-1; the
// first is the result.
func writeEntries(n int, node func(b *bytes.Buffer, i int)) []byte {
	var b bytes.Buffer
	b.WriteString(`{"result": "0", "values": {`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%d":`, i)
		node(&b, i)
	}
	b.WriteString(`}}`)
	return b.Bytes()
}

// ladder refers to every entry twice from the one before it: there are 2ⁿ paths
// to the last, on all of which the same name is bound.
func ladder(n int) []byte {
	return writeEntries(n+2, func(b *bytes.Buffer, i int) {
		switch {
		case i == 0:
			b.WriteString(`{"functionInvocationValue":{"functionReference":"1"}}`)
		case i == 1:
			b.WriteString(`{"functionDefinitionValue":{"argumentNames":["x"],"body":"2"}}`)
		case i <= n:
			fmt.Fprintf(b, `{"arrayValue":{"values":[{"valueReference":"%d"},{"valueReference":"%d"}]}}`, i+1, i+1)
		default:
			b.WriteString(`{"argumentReference":"x"}`)
		}
	})
}

// writeReferences writes a list of references to names with the numbers from first
// to last.
func writeReferences(b *bytes.Buffer, first, last int) {
	fmt.Fprintf(b, `{"arrayValue":{"values":[{"argumentReference":"x%d"}`, first)
	for k := first + 1; k <= last; k++ {
		fmt.Fprintf(b, `,{"argumentReference":"x%d"}`, k)
	}
	b.WriteString(`]}}`)
}

// nested is n functions, one within the other, each with a name of its own; the
// innermost refers to all of them.
func nested(n int) []byte {
	return writeEntries(n+2, func(b *bytes.Buffer, i int) {
		switch {
		case i == 0:
			b.WriteString(`{"functionInvocationValue":{"functionReference":"1"}}`)
		case i <= n:
			fmt.Fprintf(b, `{"functionDefinitionValue":{"argumentNames":["x%d"],"body":"%d"}}`, i, i+1)
		default:
			writeReferences(b, 1, n)
		}
	})
}

// forks is nested, but each name is bound by two functions side by side, so
// that no one reference binds it on every path.
func forks(n int) []byte {
	return writeEntries(n+1, func(b *bytes.Buffer, i int) {
		if i < n {
			f := fmt.Sprintf(`{"functionDefinitionValue":{"argumentNames":["x%d"],"body":"%d"}}`, i, i+1)
			fmt.Fprintf(b, `{"arrayValue":{"values":[%s,%s]}}`, f, f)
			return
		}
		writeReferences(b, 0, n-1)
	})
}

// calls is a chain of n invocations with a few arguments each, as clients
// write them.
func calls(n int) []byte {
	return writeEntries(n, func(b *bytes.Buffer, i int) {
		if i == n-1 {
			b.WriteString(`{"functionInvocationValue":{"functionName":"Image.load","arguments":{"id":{"constantValue":"COPERNICUS/S2"}}}}`)
			return
		}
		name, arguments := "Image.remap", fmt.Sprintf(`"image":{"valueReference":"%d"},"from":{"constantValue":[%d,2,3.5]},"to":{"constantValue":[1,2,3]},"bandName":{"constantValue":"B%d"}`, i+1, i, i%12)
		if i == 0 {
			name, arguments = "If", fmt.Sprintf(`"trueCase":{"valueReference":"%d"}`, i+1)
		}
		fmt.Fprintf(b, `{"functionInvocationValue":{"functionName":"%s","arguments":{%s}}}`, name, arguments)
	})
}

// bench reports how a check compares with encoding/json.Valid, which only checks
// whether the bytes are JSON: "floors" is the ratio of the fastest run of each.
// They run in turn, so that other load affects both.
func bench(b *testing.B, data []byte, level Level, o Options) {
	b.Helper()
	repeats := 1 + 20_000/len(data)
	check, floor := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		for range repeats {
			checkWith(data, level, o)
		}
		middle := time.Now()
		for range repeats {
			json.Valid(data)
		}
		check, floor = min(check, middle.Sub(start)), min(floor, time.Since(middle))
	}
	b.ReportMetric(float64(check)/float64(floor), "floors")
	b.ReportMetric(float64(check.Nanoseconds())/float64(repeats), "ns/check")
	b.ReportMetric(float64(len(data)*repeats)/check.Seconds()/1e6, "MB/s")
}

// jsFirst writes the arguments of each call before its function, as the
// JavaScript client does.
func jsFirst(data []byte) []byte {
	call := regexp.MustCompile(`"functionName":("[^"]*"),"arguments":(\{(?:[^{}]|\{[^{}]*\})*\})`)
	return call.ReplaceAll(data, []byte(`"arguments":$2,"functionName":$1`))
}

// BenchmarkShapes has the shapes that clients send.
func BenchmarkShapes(b *testing.B) {
	forest := request(b, requests.RandomForest)
	trees := ensemble(140, 1023)
	for _, shape := range []struct {
		name string
		data []byte
	}{
		{"random forest", compact(b, forest)},
		{"random forest, indented", forest},
		{"ensemble", trees},
		{"ensemble with escapes", bytes.ReplaceAll(bytes.ReplaceAll(trees, []byte("<"), []byte(`\u003c`)), []byte(">"), []byte(`\u003e`))},
		{"50,000 calls", calls(50_000)},
		{"50,000 calls, arguments first", jsFirst(calls(50_000))},
	} {
		b.Run(shape.name, func(b *testing.B) {
			if err := valid(shape.data, Strict); err != nil {
				b.Fatalf("%.300v", err)
			}
			bench(b, shape.data, Strict, Options{})
		})
	}
}

// BenchmarkHostile has the expressions that are made to be slow.
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostiles {
		data := h.make(1 << 20)
		b.Run(h.name, func(b *testing.B) { bench(b, data, Strict, h.with) })
	}
}
