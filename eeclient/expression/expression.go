package expression

import "sync"

// An Expression has been read, and is to be checked.
type Expression struct {
	s     *scanner
	level Level
	n     int
}

// Parse reads the Expression with which data begins, such as the value of a
// member whose object goes on after it. The error is nil or a *SyntaxError;
// what is wrong with the shape of the expression is left to Check. The
// Expression keeps data, which must not change before its Check.
func Parse(data []byte, level Level) (*Expression, error) {
	if len(data) > MaxBytes {
		return nil, &SyntaxError{Offset: MaxBytes, Path: "expression", Reason: "the input is larger than 2 GiB"}
	}
	s := scanners.Get().(*scanner)
	s.data, s.level = data, level
	n := s.read()
	if n < 0 {
		err := s.syntax
		err.Path = locate(data, []int{int(err.Offset)})[0]
		s.release()
		return nil, err
	}
	return &Expression{s: s, level: level, n: n}, nil
}

// Len returns how many bytes the expression takes, whitespace before it
// included. What follows has not been looked at.
func (e *Expression) Len() int { return e.n }

// Options are what a check takes from outside of the expression. With any of
// them set, the level is at least Structure.
type Options struct {
	// Arguments are the values of the expression's open references by their
	// names, each a JSON value. A reference is open if result leads to it and
	// no function definition on the way binds its name.
	Arguments map[string][]byte
	// AllowedReads are the prefixes, on / boundaries, of what the expression
	// may load: names of assets and gs:// URLs. nil allows anything.
	AllowedReads []string
}

// A Result is what a check learned. Of an invalid expression it has no Parts,
// and says nothing of reads.
type Result struct {
	// Parts, one after the other, are the expression with its arguments filled
	// in: slices of the data given to Parse, and between them
	// {"constantValue": …} in place of each open reference.
	Parts [][]byte
	// Nodes counts the ValueNodes, nested ones included; 0 at level Off.
	Nodes int
	// Classifier is the function that makes the classifier behind result, as
	// "Classifier.smileCart". It is empty if the expression alone does not
	// decide that, and at level Off.
	Classifier string
	// Denied is the first read that AllowedReads do not allow, or nil.
	Denied *DeniedRead
}

// Check checks the expression as it is with its arguments filled in. The error
// is nil or an *InvalidError. Check may be called once.
func (e *Expression) Check(o Options) (*Result, error) {
	s := e.s
	e.s = nil
	defer s.release()
	if e.level == Off && (len(o.Arguments) > 0 || o.AllowedReads != nil) {
		data := s.data
		s.reset()
		s.data, s.level = data, Structure
		s.read()
	}
	if s.level != Off {
		s.walk(o.Arguments)
	}
	r := &Result{Nodes: len(s.nodes), Classifier: s.classifier}
	if len(s.found.list) > 0 {
		return r, s.invalid()
	}
	r.Parts = s.parts(e.n)
	if o.AllowedReads != nil {
		r.Denied = s.denied(o.AllowedReads)
	}
	return r, nil
}

// read reads the expression and returns the index after it, or -1 with s.syntax
// set.
func (s *scanner) read() int {
	s.found.step()
	if s.level != Off {
		return s.run(0, roleExpression)
	}
	if i := skipSpace(s.data, 0); i < len(s.data) && s.data[i] != '{' {
		s.refuse(roleExpression, i, 0)
	}
	return s.run(0, roleAny)
}

// walk follows the graph in steps. Each needs what the ones before it have
// found out, and leaves out what would only repeat their findings.
func (s *scanner) walk(arguments map[string][]byte) {
	if !s.hasValues || s.tooMany {
		return
	}
	s.resolve()
	s.sort()
	if s.cyclic || !s.hasResult() {
		return
	}
	if !s.unscoped {
		s.scope()
		s.settle(arguments)
	}
	s.origin()
	if s.level == Strict {
		s.checkTrees()
	}
}

var scanners = sync.Pool{New: func() any {
	s := new(scanner)
	s.reset()
	return s
}}

// reset forgets an input and keeps the memory.
func (s *scanner) reset() {
	for _, t := range []*keySet{&s.open, &s.keys, &s.names, &s.unknown} {
		t.truncate(s, 0)
	}
	*s = scanner{
		arena: s.arena[:0], found: findings{list: s.found.list[:0]},
		stack: s.stack[:0], open: s.open, given: s.given[:0], unknown: s.unknown, strangers: s.strangers[:0],
		graph: graph{
			nodes: s.nodes[:0], keys: s.keys, entries: s.entries[:0], names: s.names, defs: s.defs[:0],
			trees: s.trees[:0], reads: s.reads[:0], result: none,
		},
		paths:    paths{order: s.order, color: s.color, next: s.next, path: s.path},
		scopes:   scopes{numbers: s.numbers, binds: s.binds[:0], bound: s.bound},
		followed: s.followed,
	}
}

// maxKept bounds what a scanner keeps between inputs: elements in each of its
// slices, which is some megabytes in all.
const maxKept = 1 << 16

// release gives the scanner back, if it is not too large to be kept.
func (s *scanner) release() {
	if max(cap(s.arena)/16, cap(s.stack), cap(s.nodes), cap(s.entries), cap(s.given), cap(s.binds),
		cap(s.open.keys), cap(s.names.keys), cap(s.unknown.keys)) > maxKept {
		return
	}
	s.reset()
	scanners.Put(s)
}
