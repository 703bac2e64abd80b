package expression

// Options are what an expression is checked with besides its bytes.
type Options struct {
	// Arguments fill in open argumentReferences: JSON constants by name.
	Arguments map[string][]byte
	// AllowedReads are the prefixes of what the expression may load; nil for
	// anything.
	AllowedReads []string
}

// Result is what a check learned.
type Result struct {
	// Nodes counts the ValueNodes.
	Nodes int
	// Classifier is the function that makes the classifier, if known.
	Classifier string
	// Parts are the expression as it goes upstream.
	Parts [][]byte
	// Denied is the first read that AllowedReads does not allow.
	Denied *DeniedRead
}

// DeniedRead is a read that is not allowed.
type DeniedRead struct {
	Path, Function, Name, Description string
}

// Expression is an expression that has been read.
type Expression struct {
	data    []byte
	summary *Summary
	err     error
}

// Parse reads the Expression with which data begins. Its error is a
// *SyntaxError.
func Parse(data []byte, level Level) (*Expression, error) {
	n, summary, err := CheckPrefix(data, level)
	if _, bad := err.(*SyntaxError); bad {
		return nil, err
	}
	return &Expression{data[:n], summary, err}, nil
}

// Len returns how many bytes the expression takes.
func (e *Expression) Len() int { return len(e.data) }

// Check checks the expression. Its error is nil or an *InvalidError.
func (e *Expression) Check(Options) (*Result, error) {
	return &Result{Nodes: e.summary.Nodes, Classifier: e.summary.Classifier, Parts: [][]byte{e.data}}, e.err
}
