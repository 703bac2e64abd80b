package expression

import (
	"fmt"
	"math"
	"slices"

	"example.com/eeexport/eeclient/text"
)

// A finding is a Violation before its path and text are worked out.
type finding struct {
	at      int    // where the value or, for a member at fault, its key begins
	member  string // a field that is missing there, or the whole path if at is outside
	rule    rule
	details []any // for the verbs of the rule's text; bytes are quoted
}

// outside is the offset of what stands in the request but not in its expression.
const outside = math.MaxInt

// findings collects what one step of the check finds. Each step has room for
// MaxViolations, so that what an early step finds late in the document does
// not keep out what a later step finds early in it.
type findings struct {
	list  []finding
	room  int
	extra bool
}

// step makes room for the findings of another step.
func (f *findings) step() { f.room = MaxViolations }

// full reports, and remembers, that a further finding is not wanted. Callers
// ask before they put together details that cost something.
func (f *findings) full() bool {
	if f.room == 0 {
		f.extra = true
		return true
	}
	return false
}

// add notes a finding if there is room.
func (f *findings) add(at int, r rule, details ...any) { f.addMissing(at, "", r, details...) }

// addMissing notes that the object at an offset lacks a member.
func (f *findings) addMissing(at int, member string, r rule, details ...any) {
	if !f.full() {
		f.room--
		f.list = append(f.list, finding{at, member, r, details})
	}
}

// addArgument notes what is wrong with an argument of the request, or with all
// of them if the name is empty.
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

// invalid makes the error of all findings; it must not be called without any.
// The steps have found them in their own orders: here they are put into that of
// the document, and what is beyond the limit is left out at its end.
func (s *scanner) invalid() *InvalidError {
	list := s.found.list
	slices.SortStableFunc(list, func(a, b finding) int { return a.at - b.at })
	err := &InvalidError{Truncated: s.found.extra}
	if len(list) > MaxViolations {
		list, err.Truncated = list[:MaxViolations], true
	}
	var offsets []int
	for _, f := range list {
		if f.at != outside {
			offsets = append(offsets, f.at)
		}
	}
	paths := locate(s.data, offsets)
	for i, f := range list {
		path := f.member
		if f.at != outside {
			path = paths[i] + f.member
		}
		err.Violations = append(err.Violations, Violation{path, f.text()})
	}
	return err
}

// text puts a finding into words.
func (f *finding) text() string {
	for i, d := range f.details {
		if b, ok := d.([]byte); ok {
			f.details[i] = quote(b)
		}
	}
	return fmt.Sprintf(rules[f.rule].text, f.details...)
}

// quote quotes text of the input for a path or a description, bounded.
func quote(b []byte) string {
	return text.Quote(string(b[:min(len(b), text.MaxQuoted+1)]))
}
