package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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

// ensemble returns a decision tree ensemble of so many trees and lines each.
func ensemble(trees, lines int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"result": "0", "values": {"0": {"functionInvocationValue": {"functionName": "Classifier.decisionTreeEnsemble", "arguments": {"treeStrings": {"constantValue": [`)
	for t := range trees {
		if t > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"n= 400\n\nnode), split, n, loss, yval, (yprob)\n      * denotes terminal node\n\n`)
		for n := range lines {
			depth := 0
			for m := n + 1; m > 1; m /= 2 {
				depth++
			}
			if n > 0 {
				b.WriteString(`\n`)
			}
			end := ""
			if n > lines/2 {
				end = " *"
			}
			r := uint32(t*lines+n) * 2654435761
			fmt.Fprintf(&b, "%s%d) %s<0.%06d %d %d %d (0.%03d 0.%03d)%s", strings.Repeat("  ", depth+1), n+1,
				[]string{"B2", "B3", "B4", "B8", "NDVI"}[r>>8%5], r%1000000, r>>4%999, r>>3%10, r>>7%4, r>>9%1000, r>>5%1000, end)
		}
		b.WriteByte('"')
	}
	b.WriteString(`]}}}}}}`)
	return b.Bytes()
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
			b.WriteString(`{"arrayValue":{"values":[`)
			for k := 1; k <= n; k++ {
				if k > 1 {
					b.WriteByte(',')
				}
				fmt.Fprintf(b, `{"argumentReference":"x%d"}`, k)
			}
			b.WriteString(`]}}`)
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
		b.WriteString(`{"arrayValue":{"values":[`)
		for k := range n {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, `{"argumentReference":"x%d"}`, k)
		}
		b.WriteString(`]}}`)
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
		fmt.Fprintf(b, `{"functionInvocationValue":{"functionName":"Image.remap","arguments":{"image":{"valueReference":"%d"},"from":{"constantValue":[%d,2,3.5]},"bandName":{"constantValue":"B%d"}}}}`, i+1, i, i%12)
	})
}

// numbers is a geometry of n coordinates.
func numbers(n int) []byte {
	return writeEntries(1, func(b *bytes.Buffer, _ int) {
		b.WriteString(`{"constantValue":[0`)
		for i := range n {
			fmt.Fprintf(b, ",[%d.%06d,-%d.%07d]", i%180, i, i%90, i*7)
		}
		b.WriteString(`]}`)
	})
}

func bench(b *testing.B, data []byte, level Level) {
	b.Helper()
	if _, err := check(data, level); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := check(data, level); err != nil {
			b.Fatal(err)
		}
	}
}

// The two inputs that have limits: 1 GB/s, and 12 µs with 20 allocations.

func BenchmarkEnsemble(b *testing.B) { bench(b, ensemble(140, 1023), Strict) }

func BenchmarkRandomForest(b *testing.B) {
	data := request(b, "random-forest-trained.json")
	b.Run("indented", func(b *testing.B) { bench(b, data, Strict) })
	b.Run("compact", func(b *testing.B) { bench(b, compact(b, data), Strict) })
}

// BenchmarkSize shows that the cost is linear in the size: B/s stays about the
// same from 10 KB to 10 MB.
func BenchmarkSize(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"10KB", 10e3}, {"100KB", 100e3}, {"1MB", 1e6}, {"10MB", 10e6}} {
		trees := max(size.bytes/62_000, 1)
		b.Run("ensemble/"+size.name, func(b *testing.B) { bench(b, ensemble(trees, min(1023, size.bytes/61)), Strict) })
		b.Run("calls/"+size.name, func(b *testing.B) { bench(b, calls(size.bytes/180), Structure) })
		b.Run("numbers/"+size.name, func(b *testing.B) { bench(b, numbers(size.bytes/24), Structure) })
	}
}

// BenchmarkGraph has the graphs that are made to be slow.
func BenchmarkGraph(b *testing.B) {
	for _, n := range []int{25_000, 50_000, 100_000} {
		b.Run(fmt.Sprintf("ladder/%d", n), func(b *testing.B) { bench(b, ladder(n), Structure) })
		b.Run(fmt.Sprintf("nested/%d", n), func(b *testing.B) { bench(b, nested(n), Structure) })
	}
	for _, n := range []int{5_000, 10_000, 20_000} {
		b.Run(fmt.Sprintf("forks/%d", n), func(b *testing.B) { bench(b, forks(n), Structure) })
	}
}
