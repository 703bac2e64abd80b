package expression

// An Expression has been read by [Parse].
type Expression struct {
	s *scanner
	n int
}

// Parse reads the Expression with which data begins, such as the value of a
// member of a larger object. The error is nil or a *SyntaxError; all other
// errors are left to Check. The Expression keeps data, which must not change
// before Check returns.
func Parse(data []byte, level Level) (*Expression, error) {
	if len(data) > maxBytes {
		return nil, &SyntaxError{Offset: maxBytes, Path: "expression", Reason: "the input is larger than 2 GiB"}
	}
	s := scanners.Get().(*scanner)
	s.data, s.level = data, level
	n := s.read()
	if n < 0 {
		err := s.syntax
		err.Path = s.currentPath()
		s.release()
		return nil, err
	}
	return &Expression{s, n}, nil
}

// Len returns the length of the expression in bytes, with whitespace before it.
// Parse has not read what follows.
func (e *Expression) Len() int { return e.n }

// Options are what a check needs besides the expression. If any of them is set,
// the level is at least Structure.
type Options struct {
	// Arguments are the values of open references by name, each a JSON value. A
	// reference is open if result leads to it and no function definition on the
	// way binds its name. The check is that of the expression with the values
	// filled in.
	Arguments map[string][]byte
	// AllowedReads are prefixes of what the expression may load: asset names and
	// gs:// URLs, on / boundaries. If it is nil, anything may be loaded.
	AllowedReads []string
}

// A Result holds what a check has found.
type Result struct {
	// Parts make up the expression with its arguments filled in: slices of the
	// data given to Parse and, between them, {"constantValue": …} for each open
	// reference; one copy if that takes less memory. They are nil if the
	// expression is invalid.
	Parts [][]byte
	// Nodes counts the ValueNodes, nested ones included; 0 at level Off.
	Nodes int
	// Classifier is the function that makes the classifier, such as
	// "Classifier.smileCart". It is empty if the expression alone
	// does not say, and at level Off.
	Classifier string
	// Denied is the first read that AllowedReads does not allow, or nil. It is
	// nil if the expression is invalid.
	Denied *DeniedRead
}

// Check checks the expression. The error is nil or an *InvalidError; the result
// is never nil. Check may be called once.
func (e *Expression) Check(o Options) (*Result, error) {
	s := e.s
	e.s = nil
	defer s.release()
	if s.level == Off && (len(o.Arguments) > 0 || o.AllowedReads != nil) {
		data := s.data
		s.reset()
		s.data, s.level = data, Structure
		s.read()
	}
	if s.level != Off {
		s.checkGraph(o.Arguments)
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

// read reads the expression. It returns the index after it, or -1 with s.syntax
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

// checkGraph checks what has been read, in steps. A step needs the findings of
// those before it, and is skipped if it could only repeat them.
func (s *scanner) checkGraph(arguments map[string][]byte) {
	if !s.hasValues || s.stopped {
		return
	}
	s.findDangling()
	s.sort()
	if !s.cyclic && s.hasResult() {
		if !s.unscoped && s.scope() {
			s.fillIn(arguments)
		}
		s.checkResult()
	}
	if s.level == Strict {
		s.checkTrees()
	}
}
