package tty

import (
	"strings"
	"testing"
)

func TestClip(t *testing.T) {
	for _, tc := range []struct {
		name, in   string
		n          int
		end, start string
	}{
		{"a short text is unchanged", "short", 5, "short", "short"},
		{"a long one has an ellipsis", "projects/p/assets/rf", 9, "projects…", "…ssets/rf"},
		{"no space stands before it", "out of memory", 8, "out of…", "… memory"},
		{"wide characters take two columns", "日本国土", 6, "日本…", "…国土"},
		{"combining marks take none", "e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301", "e\u0301e\u0301e\u0301"},
		{"a text of several lines becomes one", "a\nb", 3, "a b", "a b"},
	} {
		if end, start := Clip(tc.in, tc.n), clipStart(tc.in, tc.n); end != tc.end || start != tc.start {
			t.Errorf("%s: %q and %q, want %q and %q", tc.name, end, start, tc.end, tc.start)
		}
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{
		-1: "[....]", 0: "[....]", 0.3: "[>...]", 0.5: "[=>..]", 0.99: "[==>.]", 1: "[====]", 7: "[====]",
	} {
		if got := Bar(share, 6); got != want {
			t.Errorf("%v: %s, want %s", share, got, want)
		}
	}
	if got := Bar(0.5, 2); got != "" {
		t.Errorf("without room: %q", got)
	}
}

func TestFit(t *testing.T) {
	columns := []Column{{Title: "ID", Min: 4, Last: true}, {Title: "STATE"}, {Title: "TEXT", Min: 3}, {Title: "MORE", Min: 3}}
	rows := [][]Span{{Plain.Of("ABCDEFGH"), Plain.Of("RUNNING"), Plain.Of(strings.Repeat("x", 20)), Plain.Of(strings.Repeat("y", 10))}}
	for _, tc := range []struct {
		name     string
		terminal int
		want     [4]int
	}{
		{"without a terminal nothing is cut", 0, [4]int{8, 7, 20, 10}},
		{"what fits is not cut", 51, [4]int{8, 7, 20, 10}},
		{"the widest column shrinks first", 43, [4]int{8, 7, 12, 10}},
		{"the last column only when no other can", 25, [4]int{6, 7, 3, 3}},
		{"below their minimum none do", 10, [4]int{4, 7, 3, 3}},
	} {
		if got := [4]int(fit(columns, rows, tc.terminal)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
