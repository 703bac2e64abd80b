package text

import "testing"

func TestClip(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		n        int
		want     string
	}{
		{"a short text is unchanged", "abc", 3, "abc"},
		{"a long text is cut", "abcd", 3, "abc…"},
		{"no character is cut in half", "ab€d", 4, "ab…"},
		{"invalid UTF-8 is replaced", "a\xffb", 9, "a\uFFFDb"},
	} {
		if got := Clip(tc.in, tc.n); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
