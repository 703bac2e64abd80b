package text

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSanitize(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain text is unchanged", "Évora, 日本, 👩‍🌾: 50 %\n\tend", "Évora, 日本, 👩‍🌾: 50 %\n\tend"},
		{"an escape sequence is shown", "\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`},
		{"a sequence that sets the title is shown", "\x1b]0;title\a", `\u001b]0;title\u0007`},
		{"so are the 8-bit controls", "\u009b31m", `\u009b31m`},
		{"and a carriage return and a backspace", "a\rb\b\x7f", `a\u000db\u0008\u007f`},
		{"text in reverse order is shown in order", "rf-\u202egnp\u202c", `rf-\u202egnp\u202c`},
		{"so are isolates and marks", "\u2066a\u2069\u200e", `\u2066a\u2069\u200e`},
		{"invisible characters are shown", "a\u200bb\ufeff\U000E0041", `a\u200bb\ufeff\udb40\udc41`},
		{"line and paragraph separators are shown", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"invalid UTF-8 is replaced", "a\xffb", "a\uFFFDb"},
	} {
		if got := Sanitize(tc.in); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	if got, want := OneLine(" a\n\n b\tc\x1b "), `a b c\u001b`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("\x1b[2J\u202e\U000E0041\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitize(s)
		if strings.ContainsFunc(got, isControl) || Sanitize(got) != got {
			t.Fatalf("%q", got)
		}
		// The same holds of JSON, whose value it keeps.
		encoded, err := json.Marshal(s)
		if err != nil {
			return
		}
		var before, after string
		if json.Unmarshal(encoded, &before) != nil || json.Unmarshal([]byte(Sanitize(string(encoded))), &after) != nil || before != after {
			t.Fatalf("%q became %q", before, after)
		}
	})
}
