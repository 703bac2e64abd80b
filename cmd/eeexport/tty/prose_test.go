package tty

import "testing"

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		name    string
		spans   []Span
		columns int
		want    string
	}{
		{"without a terminal nothing is broken", []Span{Plain.Of("  one two three")}, 0, "  one two three"},
		{"what fits is not broken", []Span{Plain.Of("  one two three")}, 15, "  one two three"},
		{"lines are broken at spaces and indented", []Span{Plain.Of("  one two three")}, 10, "  one two\n    three"},
		{"a long word stands alone", []Span{Plain.Of("see projects/p/assets/a b")}, 10, "see\n    projects/p/assets/a\n    b"},
		{"a word of two styles is not broken", []Span{Plain.Of("request: "), Red.Of("bad"), Plain.Of(", one")}, 12, "request: bad,\n    one"},
		{"spaces at the end stay", []Span{Plain.Of("one ")}, 10, "one "},
	} {
		got := ""
		for _, s := range wrap(tc.spans, tc.columns, 4) {
			got += s.Text
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestReflow(t *testing.T) {
	const text = "one two\nthree four\n\n  stays as it is, however long\nfive six\nseven"
	const want = "one two\nthree\nfour\n\n  stays as it is, however long\nfive six\nseven"
	if got := Reflow(text, 8); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
