package expression

import (
	"fmt"
	"math"
	"slices"

	"example.com/eeexport/eeclient/text"
)

// A finding becomes a Violation.
type finding struct {
	at      int    // where the value or, for a member at fault, its key begins
	member  string // a field that is missing there, or the whole path if at is outside
	rule    rule
	details []any // for the verbs of the rule's text; bytes are quoted
}

// outside is the offset of what is in the request but not in its expression.
const outside = math.MaxInt

// findings collects what the steps of a check find. Each step has room for
// maxViolations, so that findings of an early step late in the document do not
// keep out those of a later step early in it.
type findings struct {
	list  []finding
	room  int
	extra bool
}

// step makes room for the findings of another step.
func (f *findings) step() { f.room = maxViolations }

// full reports whether there is no room for another finding, and remembers
// that. Callers call it before they compute details.
func (f *findings) full() bool {
	if f.room == 0 {
		f.extra = true
		return true
	}
	return false
}

// add adds a finding if there is room.
func (f *findings) add(at int, r rule, details ...any) { f.addMissing(at, "", r, details...) }

// addMissing adds the finding that the object at an offset lacks a member.
func (f *findings) addMissing(at int, member string, r rule, details ...any) {
	if !f.full() {
		f.room--
		f.list = append(f.list, finding{at, member, r, details})
	}
}

// addArgument adds a finding about an argument of the request, or about all of
// them if the name is empty.
func (f *findings) addArgument(name string, r rule, details ...any) {
	path := "arguments"
	switch {
	case identifier(name):
		path += "." + name
	case name != "":
		path += "." + text.Quote(name)
	}
	f.addMissing(outside, path, r, details...)
}

// invalid returns the findings as an error; there is at least one. It puts them
// into the order of the document and leaves out the last ones beyond the limit.
func (s *scanner) invalid() *InvalidError {
	list := s.found.list
	slices.SortStableFunc(list, func(a, b finding) int { return a.at - b.at })
	err := &InvalidError{Truncated: s.found.extra}
	if len(list) > maxViolations {
		list, err.Truncated = list[:maxViolations], true
	}
	var offsets []int
	for _, f := range list {
		if f.at != outside {
			offsets = append(offsets, f.at)
		}
	}
	paths := s.locate(offsets)
	for i, f := range list {
		path := f.member
		if f.at != outside {
			path = paths[i] + f.member
		}
		err.Violations = append(err.Violations, Violation{path, f.text()})
	}
	return err
}

// text returns the description of a finding.
func (f *finding) text() string {
	for i, d := range f.details {
		if b, ok := d.([]byte); ok {
			f.details[i] = quote(b)
		}
	}
	return fmt.Sprintf(rules[f.rule].text, f.details...)
}

// quote quotes text of the input, clipped.
func quote(b []byte) string {
	return text.Quote(string(b[:min(len(b), text.MaxQuoted+1)]))
}
