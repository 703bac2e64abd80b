package expression

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A rule is one way for an Expression to be wrong. The texts are below.
type rule uint8

const (
	// Found while reading, about the shape.
	ruleDuplicateKey rule = iota
	ruleUnknownField
	ruleWrongType
	ruleNullNode
	ruleEmptyNode
	ruleTwoKinds
	ruleTwoFunctions
	ruleNoFunction
	ruleRequired
	ruleEmptyText
	ruleInteger
	ruleBase64
	ruleTooManyNodes

	// Found by the walks of the graph.
	ruleDangling
	ruleCycle
	ruleUnbound     // by anything that result reaches
	rulePartlyBound // by something, but not on every path

	// Found by following the classifier, under Strict.
	ruleNotExportable
	ruleNotClassifier
	ruleNoClassifier
)

// ruleTexts say what is wrong and what to do; %s is the detail of a finding.
// They are read by whoever sent the request, who may know Earth Engine's
// clients and not its wire format, so each names the field as it is spelled in
// JSON and ends with a way out.
var ruleTexts = [...]string{
	ruleDuplicateKey:  "this key was already given in the same object%s; give it once",
	ruleUnknownField:  "unknown field; %s",
	ruleWrongType:     "must be %s",
	ruleNullNode:      "null is not a ValueNode; leave the element out, or write {\"constantValue\": null}",
	ruleEmptyNode:     "this ValueNode sets no value; set exactly one of " + allKinds,
	ruleTwoKinds:      "a ValueNode sets exactly one value, and this one already sets %s; remove one of them",
	ruleTwoFunctions:  "the function is already given by %s; remove one of functionName and functionReference",
	ruleNoFunction:    "no function is given; set functionName or functionReference",
	ruleRequired:      "this field is required; set it to %s",
	ruleEmptyText:     "must not be empty; give %s",
	ruleInteger:       "must be an integer between -9223372036854775808 and 9223372036854775807, as a string or a number",
	ruleBase64:        "must be base64, in the standard or the URL-safe alphabet",
	ruleTooManyNodes:  "there are more than %s ValueNodes; split the expression, or save a part of it as an asset and load that",
	ruleDangling:      "there is no entry %s in values; add it or correct this reference",
	ruleCycle:         "this reference leads back to itself: %s; remove one reference of the cycle",
	ruleUnbound:       "argument %s is not bound by any function definition on the way from result; name it in the argumentNames of a function definition whose body leads here",
	rulePartlyBound:   "argument %s is not bound on every path from result: this node is also reached from outside the function that binds it; refer to it from inside the body alone",
	ruleNotExportable: "%s cannot be exported: Earth Engine exports only " + exportableNames + "; use one of these, or set EXPRESSION_CHECK to structure if Earth Engine has learned to export it",
	ruleNotClassifier: "result must evaluate to a classifier that can be exported (" + exportableNames + "), and this is %s; make result the classifier, or set EXPRESSION_CHECK to structure to send it anyway",
	ruleNoClassifier:  "%s is given no classifier; add the argument \"classifier\"",
}

const allKinds = "constantValue, integerValue, bytesValue, arrayValue, dictionaryValue, functionDefinitionValue, functionInvocationValue, argumentReference and valueReference"

// A finding is a Violation before its path and text are worked out.
type finding struct {
	at     int    // where the value or, for a member at fault, its key begins
	member string // a field that is missing there, if that is what is wrong
	rule   rule
	detail string
}

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
// ask before they put together a detail that costs something.
func (f *findings) full() bool {
	if f.room == 0 {
		f.extra = true
		return true
	}
	return false
}

// add notes a finding if there is room.
func (f *findings) add(at int, r rule, detail string) {
	if !f.full() {
		f.room--
		f.list = append(f.list, finding{at: at, rule: r, detail: detail})
	}
}

// addMissing notes that the object at an offset lacks a member.
func (f *findings) addMissing(at int, member string, r rule, detail string) {
	if !f.full() {
		f.room--
		f.list = append(f.list, finding{at: at, member: member, rule: r, detail: detail})
	}
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
	offsets := make([]int, len(list))
	for i, f := range list {
		offsets[i] = f.at
	}
	paths := locate(s.data, offsets)
	for i, f := range list {
		text := ruleTexts[f.rule]
		if f.detail != "" || f.rule == ruleDuplicateKey {
			text = fmt.Sprintf(text, f.detail)
		}
		err.Violations = append(err.Violations, Violation{Path: paths[i] + f.member, Description: text})
	}
	return err
}

// maxQuoted is how much of a key or a name is shown, in bytes.
const maxQuoted = 64

// quote quotes text of the input for a path or a description, bounded.
func quote(b []byte) string {
	if len(b) <= maxQuoted {
		return strconv.Quote(string(b))
	}
	n := maxQuoted
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	q := strconv.Quote(string(b[:n]))
	return q[:len(q)-1] + `…"`
}
