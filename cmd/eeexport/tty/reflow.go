package tty

import "strings"

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
