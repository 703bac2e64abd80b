package tty

import (
	"regexp"
	"strings"
)

// Prose prints one paragraph. On a terminal it breaks lines at spaces, and indents
// all but the first by hang columns. Do not use it for commands to paste, which a
// line feed would break.
func (w *Writer) Prose(hang int, spans ...Span) error {
	columns, _ := w.Size()
	return w.Print(append(wrap(spans, columns, hang), Plain.Of("\n"))...)
}

var wordForm = regexp.MustCompile(`( *)([^ ]*)`)

// wrap puts line feeds between words, so that no line has more than the given
// columns unless a word has; 0 is no limit.
func wrap(spans []Span, columns, hang int) []Span {
	if columns == 0 {
		return spans
	}
	at, started := 0, false // the column, and whether the line has a word
	wrapped := make([]Span, len(spans))
	for i, s := range spans {
		var b strings.Builder
		for _, word := range wordForm.FindAllStringSubmatch(s.Text, -1) {
			between, width := word[1], Width(word[2])
			if between != "" && started && at+len(between)+width > columns {
				between, at = "\n"+strings.Repeat(" ", hang), -1
			}
			b.WriteString(between + word[2])
			at += len(between) + width
			started = started || width > 0
		}
		wrapped[i] = s.Style.Of(b.String())
	}
	return wrapped
}

// Reflow breaks the lines of paragraphs again, so that no line has more than the
// given columns unless a word has. Paragraphs end at an empty line; indented lines
// stay unchanged.
func Reflow(s string, columns int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, wrap([]Span{Plain.Of(strings.Join(paragraph, " "))}, columns, 0)[0].Text)
			paragraph = nil
		}
	}
	for _, line := range strings.Split(s, "\n") {
		if line == "" || line[0] == ' ' {
			flush()
			out = append(out, line)
		} else {
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return strings.Join(out, "\n")
}
