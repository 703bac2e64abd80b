package expression

import (
	"fmt"
	"math"
	"strconv"

	"example.com/eeexport/eeclient/text"
)

// A Level is how thoroughly an expression is checked. The zero value is the
// strictest.
type Level int

const (
	// Strict requires all that Structure does, a result that Earth Engine can
	// export, whole trees, and names of functions and arguments that are not
	// misspelt.
	Strict Level = iota
	// Structure requires the shape of an Expression, references that lead to an
	// entry and not in circles, and arguments that are bound.
	Structure
	// Off requires only well-formed JSON and an object.
	Off
)

var levelNames = [...]string{Strict: "strict", Structure: "structure", Off: "off"}

// String returns the name that ParseLevel takes.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return "Level(" + strconv.Itoa(int(l)) + ")"
	}
	return levelNames[l]
}

// ParseLevel returns the level called "strict", "structure" or "off". Any
// other name is an error that lists these.
func ParseLevel(name string) (Level, error) {
	for l, n := range levelNames {
		if n == name {
			return Level(l), nil
		}
	}
	return Strict, fmt.Errorf("%s is not a level of checking: use strict, structure or off", text.Quote(name))
}

// Limits. They lie far above what Earth Engine evaluates, and keep time and
// memory in proportion to the input.
const (
	// maxBytes is the length of the input. More is a SyntaxError.
	maxBytes = math.MaxInt32
	// maxDepth is how many objects and lists may be open at once. More is a
	// SyntaxError. It leaves room for those around an expression: readers of
	// whole requests and events, such as jsontext, stop at 10,000.
	maxDepth = 9_990
	// maxNumberBytes is the length of a number; 400 bytes spell out any
	// float64. More is a SyntaxError.
	maxNumberBytes = 400
	// maxKeyBytes is the length of a key between its quotes. More is a
	// SyntaxError.
	maxKeyBytes = 10_000
	// maxNodes is how many ValueNodes an expression may have, nested ones
	// included. More is a Violation.
	maxNodes = 500_000
	// MaxArguments is how many arguments may be given. More is a Violation.
	MaxArguments = 1000
	// MaxFilledBytes is how many bytes arguments may add to an expression. More
	// is a Violation.
	MaxFilledBytes = 10 << 20
	// maxViolations is how many violations an InvalidError lists.
	maxViolations = 20
)
