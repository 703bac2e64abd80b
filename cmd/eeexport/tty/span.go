package tty

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"example.com/eeexport/eeclient/text"
)

// Style is how a text looks, as the parameter of a terminal's SGR sequence
// (ECMA-48, 8.3.117).
type Style string

// The styles. Colours are those of the terminal's own palette.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// Span is a text in one style.
type Span struct {
	Style Style
	Text  string
	// CutStart makes [Writer.Table] cut the cell at its start.
	CutStart bool
}

// Of returns a text in the style.
func (s Style) Of(text string) Span { return Span{Style: s, Text: text} }

// Width returns how many columns of a terminal s takes.
func Width(s string) (columns int) {
	for _, r := range s {
		columns += runeWidth(r)
	}
	return columns
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Clip returns s on one line of at most n columns. An ellipsis marks a cut.
func Clip(s string, n int) string {
	s = text.OneLine(s)
	if Width(s) <= n {
		return s
	}
	end, columns := 0, 1 // of the ellipsis
	for i, r := range s {
		if columns += runeWidth(r); columns > n {
			break
		}
		end = i + len(string(r))
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// clipStart is [Clip] for names that differ at their ends: it cuts the start.
func clipStart(s string, n int) string {
	s = text.OneLine(s)
	if Width(s) <= n {
		return s
	}
	for s != "" && Width(s) >= n {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return "…" + s
}

// Pad appends spaces to s until it has n columns.
func Pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-Width(s))) }
