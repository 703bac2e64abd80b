package tty

import (
	"fmt"
	"strings"
)

// Screen shows lines that change in place. Its Writer must be a terminal.
type Screen struct {
	out   *Writer
	drawn int // lines
}

// NewScreen returns a Screen at the cursor.
func NewScreen(out *Writer) *Screen { return &Screen{out: out} }

// Draw replaces what the last call drew, and what was typed since, such as
// Ctrl-C's mark. Each line must fit the terminal's width.
func (s *Screen) Draw(lines [][]Span) error {
	var b strings.Builder
	b.WriteString("\r")
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", s.drawn)
	}
	b.WriteString("\x1b[J")
	for _, line := range lines {
		b.WriteString(s.out.render(line))
		b.WriteString("\n")
	}
	s.drawn = len(lines)
	_, err := s.out.out.Write([]byte(b.String()))
	return err
}

// Bar returns a progress bar with the given columns, brackets included, for a
// share from 0 to 1. Only a share of 1 fills it.
func Bar(share float64, columns int) string {
	inner := columns - 2
	if inner < 1 {
		return ""
	}
	if share >= 1 {
		return "[" + strings.Repeat("=", inner) + "]"
	}
	done := min(int(max(0, share)*float64(inner)), inner-1)
	if done == 0 {
		return "[" + strings.Repeat(".", inner) + "]"
	}
	return "[" + strings.Repeat("=", done-1) + ">" + strings.Repeat(".", inner-done) + "]"
}
