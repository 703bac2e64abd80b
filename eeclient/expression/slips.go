package expression

import (
	"strings"
	"unicode/utf8"
)

// isSlip reports whether text is one slip away from name: one character
// inserted, left out or replaced, two exchanged, or the same but for case.
func isSlip(text, name string) bool {
	if strings.EqualFold(text, name) {
		return text != name
	}
	if n := len(text) - len(name); n < -1 || n > utf8.UTFMax {
		return false
	}
	for text != "" && name != "" && text[0] == name[0] {
		text, name = text[1:], name[1:]
	}
	for text != "" && name != "" && text[len(text)-1] == name[len(name)-1] {
		text, name = text[:len(text)-1], name[:len(name)-1]
	}
	switch {
	case len(text) == 2 && len(name) == 2 && text[0] == name[1] && text[1] == name[0]:
		return true
	case len(name) > 1:
		return false
	}
	return utf8.RuneCountInString(text) <= 1
}

// functionMeant returns the function that is meant by a name that is not in the
// table: as the client's documentation writes it, or one slip away. It returns
// an empty string if there is none. Of several, those that Earth Engine does not
// hide come first.
func functionMeant(name string) string {
	if len(name) > maxName {
		return ""
	}
	bare := strings.TrimPrefix(name, "ee.")
	for _, spelling := range [...]string{bare, "Classifier." + bare} {
		if g := signatureOf([]byte(spelling)); g != nil {
			return g.name
		}
	}
	var meant string
	for line := range strings.Lines(algorithms) {
		columns := strings.SplitN(line, "\t", 4)
		if !isSlip(bare, columns[0]) {
			continue
		}
		if columns[2] != "hidden" {
			return columns[0]
		}
		meant = columns[0]
	}
	return meant
}

// paramMeant returns the index of the parameter that is meant by a name that is
// one slip away, or none.
func (g *signature) paramMeant(name []byte) int {
	meant := none
	for i, p := range g.params {
		if p.name == string(name) {
			return none
		}
		if meant == none && len(name) <= maxName && isSlip(string(name), p.name) {
			meant = i
		}
	}
	return meant
}
