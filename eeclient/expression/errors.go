package expression

import (
	"fmt"
	"strings"
)

// A SyntaxError says that the input does not begin with a JSON value: it breaks
// the grammar, is not UTF-8, ends too early, is nested too deeply, or has too
// long a number or key. What follows Offset has not been read.
type SyntaxError struct {
	// Offset is where reading stopped, in bytes from the start of the input.
	Offset int64
	// Path is that of the value at Offset, written as in Violation.
	Path string
	// Reason is a short sentence, without the offset and the path.
	Reason string
}

// Error returns the reason, the path and the offset on one line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("expression is not valid JSON: %s (at byte %d, %s)", e.Reason, e.Offset, e.Path)
}

// A Violation is one broken rule.
type Violation struct {
	// Path leads to the value at fault, in the spelling of the input:
	//
	//	expression.values["12"].functionInvocationValue.arguments["features"].valueReference
	//
	// Long keys and very deep paths are cut short with an ellipsis.
	Path string
	// Description says what is wrong and what to do about it. It quotes little of
	// the input.
	Description string
}

// An InvalidError says that the input is JSON but not an Expression that
// passes the level asked for.
type InvalidError struct {
	// Violations holds 1 to 20 findings in the order of the
	// document.
	Violations []Violation
	// Truncated is set if there were more.
	Truncated bool
}

// Error joins the violations, one per line.
func (e *InvalidError) Error() string {
	var lines []string
	for _, v := range e.Violations {
		lines = append(lines, v.Path+": "+v.Description)
	}
	if e.Truncated {
		lines = append(lines, fmt.Sprintf("(only the first %d are listed)", len(lines)))
	}
	return "invalid expression: " + strings.Join(lines, "\n")
}
