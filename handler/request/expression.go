package request

import (
	"errors"

	"example.com/eeexport/eeclient/expression"
)

// expression parses the expression. It is checked later, since its arguments may
// come after it.
func (d *decoder) expression(path string) error {
	parsed, err := expression.Parse(d.data[d.at:], d.check)
	var syntax *expression.SyntaxError
	if errors.As(err, &syntax) {
		return &syntaxError{field: syntax.Path, offset: d.at + int(syntax.Offset), reason: syntax.Reason}
	}
	if err != nil {
		return err
	}
	d.req.parsed = parsed
	d.at += parsed.Len()
	return nil
}

// checkExpression fills in the arguments and checks the result.
func (r *Request) checkExpression(o Options, found *violations) {
	if r.parsed == nil {
		found.require("expression", "required: an Earth Engine expression that evaluates to a classifier")
		return
	}
	arguments := make(map[string][]byte, len(r.arguments))
	for _, a := range r.arguments {
		arguments[a.name] = a.value
	}
	result, err := r.parsed.Check(expression.Options{Arguments: arguments, AllowedReads: o.AllowedReads})
	r.parsed = nil
	var invalid *expression.InvalidError
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			found.add(v.Path, v.Description)
		}
		found.more = found.more || invalid.Truncated
	}
	r.Nodes, r.Classifier, r.Denied = result.Nodes, result.Classifier, result.Denied
	r.Expression = result.Parts
}
