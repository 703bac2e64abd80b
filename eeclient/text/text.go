// Package text makes text from others fit for messages and logs.
package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxQuoted is how many bytes [Quote] shows.
const MaxQuoted = 80

// Clip shortens s to at most n bytes of valid UTF-8. An ellipsis, which does
// not count, marks a cut.
func Clip(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.ToValidUTF8(s[:n], "\uFFFD") + "…"
}

// Quote returns s as a Go string literal, clipped to [MaxQuoted] bytes.
func Quote(s string) string {
	if len(s) > MaxQuoted {
		return fmt.Sprintf("%q…", s[:MaxQuoted])
	}
	return fmt.Sprintf("%q", s)
}
