package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Sanitize returns s fit for a terminal. Each character that could move the
// cursor, change the terminal or reorder the text around it is replaced by its
// escape, such as \u001b or \u202e: controls, bidirectional and other format
// characters, and line separators. Line feeds and tabs stay. Invalid UTF-8
// becomes U+FFFD.
//
// The escapes are those of JSON, where such characters occur in strings alone,
// so sanitized JSON is JSON with the same value.
func Sanitize(s string) string {
	if !strings.ContainsFunc(s, isControl) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !isControl(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// OneLine returns s sanitized and on one line: each run of white space becomes
// one space.
func OneLine(s string) string { return Sanitize(strings.Join(strings.Fields(s), " ")) }

// isControl reports whether a terminal may obey r instead of showing it.
func isControl(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u200c', '\u200d': // joiners, which scripts and emoji need
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
