package main

import (
	"encoding/json"
	"testing"

	"example.com/eeexport/eeclient/expression"
)

// pairsOf makes pairs whose floor is about 100.
func pairsOf(eeexport ...float64) (pairs []pair) {
	for i, v := range eeexport {
		pairs = append(pairs, pair{100 + float64(i%3) - 1, v})
	}
	return pairs
}

func TestALimitIsMissedOnlyIfTheWholeIntervalLiesBeyondIt(t *testing.T) {
	for _, tc := range []struct {
		name   string
		pairs  []pair
		missed bool
	}{
		{"every measurement is within", pairsOf(100, 101, 102, 103, 104, 105), false},
		{"the median is beyond, and some are within", pairsOf(90, 95, 118, 120, 125, 110), false},
		{"every measurement is beyond", pairsOf(130, 131, 132, 133, 134, 135), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := row{limit: 1.15, pairs: tc.pairs}
			low, high := r.interval()
			if ratio := ratio(tc.pairs); ratio < low || ratio > high {
				t.Errorf("the ratio %.2f is not within its interval, %.2f to %.2f", ratio, low, high)
			}
			if r.missed() != tc.missed {
				t.Errorf("missed: %t, with the interval %.2f to %.2f", r.missed(), low, high)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	const want = "" +
		"| measure    | floor  | eeexport | ratio | 95 % interval | limit        |\n" +
		"| ---        | ---    | ---      | ---   | ---           | ---          |\n" +
		"| cold start | 100 ms | 120 ms   | 1.20  | 1.20 to 1.20  | 1.15, missed |\n" +
		"| memory     | 10 MB  | 11 MB    | 1.10  | 1.10 to 1.10  | 1.30         |\n" +
		"| CPU        | 1 ms   | 3 ms     | 3.00  | 3.00 to 3.00  | none         |\n"
	got := markdown([]row{
		{"cold start", "ms", 1.15, []pair{{100, 120}, {100, 120}}},
		{"memory", "MB", 1.3, []pair{{10, 11}}},
		{"CPU", "ms", 0, []pair{{1, 3}}},
	})
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestShapesAreWhatClientsSend(t *testing.T) {
	for _, s := range shapes() {
		t.Run(s.name, func(t *testing.T) {
			var request struct{ Expression json.RawMessage }
			if err := json.Unmarshal(s.body(), &request); err != nil {
				t.Fatal(err)
			}
			e, err := expression.Parse(request.Expression, expression.Strict)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Check(expression.Options{}); err != nil {
				t.Error(err)
			}
			t.Logf("%d bytes", len(request.Expression))
		})
	}
}
