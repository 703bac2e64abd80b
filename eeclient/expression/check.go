package expression

import (
	"fmt"
	"math"
	"strconv"
	"sync"
)

// A Level is how much is asked of an expression. The zero value asks for all.
type Level int

const (
	// Strict asks for all that Structure does and for a result that Earth
	// Engine can export.
	Strict Level = iota
	// Structure asks for the shape of an Expression, for references that lead
	// to an entry and not in circles, and for arguments that are bound.
	Structure
	// Off asks for well-formed JSON and an object, nothing more.
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
	return Strict, fmt.Errorf("%s is not a level of checking: use strict, structure or off", quote([]byte(name)))
}

// Limits. They lie far above what Earth Engine evaluates, and keep time and
// memory in proportion to the input whatever that is.
const (
	// MaxDepth is how many objects and lists may be open at once. More is a
	// SyntaxError.
	MaxDepth = 10_000
	// MaxNodes is how many ValueNodes an expression may have, nested ones
	// included. More is a Violation.
	MaxNodes = 500_000
	// MaxNumberBytes is the length of a number; 400 bytes spell out any
	// float64. More is a SyntaxError.
	MaxNumberBytes = 400
	// MaxKeyBytes is the length of a key between its quotes. More is a
	// SyntaxError.
	MaxKeyBytes = 10_000
	// MaxViolations is how many violations an InvalidError lists.
	MaxViolations = 20
	// MaxBytes is the length of the input. More is a SyntaxError.
	MaxBytes = math.MaxInt32
)

// maxNodesText is MaxNodes as it is shown.
const maxNodesText = "500,000"

// Check checks data, which holds exactly one Expression, with whitespace
// around it if need be. The error is nil, a *SyntaxError or an *InvalidError;
// the summary is nil only with a *SyntaxError.
func Check(data []byte, level Level) (*Summary, error) {
	n, summary, err := CheckPrefix(data, level)
	if _, bad := err.(*SyntaxError); bad {
		return nil, err
	}
	if rest := skipSpace(data, n); rest < len(data) {
		return nil, &SyntaxError{Offset: int64(rest), Path: "expression", Reason: "the input goes on after the expression"}
	}
	return summary, err
}

// CheckPrefix is Check for an Expression with which data begins, such as the
// value of a member whose object goes on after it. It returns how many bytes
// the expression takes, leading whitespace included; what follows has not been
// looked at. The count holds also for an *InvalidError, since the JSON is then
// sound; with a *SyntaxError it means nothing.
func CheckPrefix(data []byte, level Level) (n int, summary *Summary, err error) {
	if len(data) > MaxBytes {
		return 0, nil, &SyntaxError{Offset: MaxBytes, Path: "expression", Reason: "the input is larger than 2 GiB"}
	}
	s := scanners.Get().(*scanner)
	s.reset(data)
	n = s.check(level)
	switch {
	case s.syntax != nil:
		s.syntax.Path = locate(data, []int{int(s.syntax.Offset)})[0]
		err = s.syntax
	case len(s.found.list) > 0:
		err = s.invalid()
		fallthrough
	default:
		summary = s.summary(level)
	}
	s.release()
	return n, summary, err
}

// check reads the input and walks the graph, in steps: each needs what the ones
// before it have found out, and leaves out what would only repeat their
// findings. It returns the index after the expression, or -1 with s.syntax set.
func (s *scanner) check(level Level) int {
	s.found.step()
	if level == Off {
		if i := skipSpace(s.data, 0); i < len(s.data) && s.data[i] != '{' {
			s.refuse(roleExpression, i)
		}
		return s.run(0, roleAny)
	}
	n := s.run(0, roleExpression)
	if n < 0 || !s.hasValues || s.tooMany {
		return n
	}
	s.resolve()
	s.sort()
	if s.cyclic || !s.hasResult || s.result.to < 0 {
		return n
	}
	if !s.loose {
		s.scope()
	}
	s.found.step()
	s.derive(level == Strict)
	return n
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// reset prepares for an input and keeps the memory of the last one.
func (s *scanner) reset(data []byte) {
	s.data, s.arena, s.syntax = data, s.arena[:0], nil
	s.found = findings{list: s.found.list[:0]}
	s.stack = s.stack[:0]
	for _, t := range []*keySet{&s.open, &s.keys, &s.names, &s.functions, &s.assets} {
		t.reset()
	}
	g := &s.graph
	g.nodes, g.entries, g.refs, g.args = g.nodes[:0], g.entries[:0], g.refs[:0], g.args[:0]
	g.defs, g.binds, g.loads = g.defs[:0], g.binds[:0], g.loads[:0]
	g.result, g.hasResult, g.hasValues, g.tooMany, g.loose = reference{}, false, false, false, false
	s.cyclic, s.classifier = false, ""
}

// maxKept bounds what a scanner keeps between inputs: elements in each of its
// slices, which is some 20 MB in all. The pool lets go of that in its turn when
// memory is collected; kept so long, it spares a busy server from growing
// every slice anew for each large graph.
const maxKept = 1 << 18

// release gives the scanner back, if it is not too large to be kept.
func (s *scanner) release() {
	s.data = nil
	if max(cap(s.arena)/16, cap(s.stack), cap(s.nodes), cap(s.entries), cap(s.refs), cap(s.args), cap(s.binds),
		cap(s.open.keys), cap(s.names.keys), cap(s.functions.keys)) > maxKept {
		return
	}
	scanners.Put(s)
}
