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

// functionMeant returns the function that an unknown name stands for, or an empty
// string: the name is written as in the client's documentation, or is one slip
// away. If there are several, it prefers those that Earth Engine does not hide.
func functionMeant(name string) string {
	if len(name) > maxName {
		return ""
	}
	bare := strings.TrimPrefix(name, "ee.")
	for _, spelling := range [...]string{bare, "Classifier." + bare} {
		if g := search([]byte(spelling)); g != nil {
			return g.name
		}
	}
	var meant string
	for line := range strings.Lines(Algorithms) {
		name, _, _ := strings.Cut(line, "\t")
		if !isSlip(bare, name) && !strings.EqualFold("Classifier."+bare, name) {
			continue
		}
		if !parseSignature(line).hidden {
			return name
		}
		meant = name
	}
	return meant
}

// paramMeant returns the index of the first parameter that a name is one slip away
// from, or none. The name is not that of a parameter.
func (g *signature) paramMeant(name []byte) int {
	for i, p := range g.params {
		if len(name) <= maxName && isSlip(string(name), p) {
			return i
		}
	}
	return none
}
