package handler

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/expression"
)

// decoder reads an export request in one pass over its bytes: protobuf's JSON
// mapping as Google's servers read it. Names are lowerCamelCase or snake_case,
// null is unset, integers are numbers or strings; an unknown field, a duplicate
// name, trailing data and invalid UTF-8 are refused
// (https://protobuf.dev/programming-guides/json/). It goes on after whatever is
// wrong but not broken, so that one answer names every violation.
type decoder struct {
	cursor
	req   *Request
	check expression.Level
	*violations
}

// decode reads body into req and adds what is wrong with it to found. It tells
// whether it could read to the end: where it could not, fields may be missing
// from req that the request holds. The request keeps slices of body.
func decode(body []byte, req *Request, check expression.Level, found *violations) bool {
	d := decoder{cursor: cursor{data: body}, req: req, check: check, violations: found}
	if d.space(); d.at == len(body) {
		found.add("", "the request is empty: send the JSON body of projects.classifier.export")
		return false
	}
	err := d.object(d.members("", d.requestField))
	if err == nil {
		err = d.end()
	}
	if err != nil {
		found.add("", err.Error())
	}
	return err == nil
}

// reader consumes the value of the field at path. It returns an error only
// where the bytes are not JSON; what is wrong with the value it reports.
type reader func(path string) error

// requestField, and the like for other messages, gives the reader of a field by
// its lowerCamelCase name; nil for a field that is not known.
func (d *decoder) requestField(name string) reader {
	switch name {
	case "project":
		return d.text(&d.req.Project)
	case "expression":
		return d.expression
	case "description":
		return d.text(&d.req.Description)
	case "requestId":
		return d.text(&d.req.RequestID)
	case "assetExportOptions":
		return d.assetExportOptions
	case "workloadTag":
		return d.text(&d.req.WorkloadTag)
	case "priority":
		return d.priority
	}
	return nil
}

func (d *decoder) assetExportOptions(path string) error {
	return d.message(path, func(name string) reader {
		if name == "earthEngineDestination" {
			return d.earthEngineDestination
		}
		return nil
	})
}

func (d *decoder) earthEngineDestination(path string) error {
	d.req.hasDestination = true
	return d.message(path, func(name string) reader {
		switch name {
		case "name":
			return d.text(&d.req.Destination.Name)
		case "overwrite":
			return d.boolean(&d.req.Destination.Overwrite)
		}
		return nil
	})
}

// priority reads a google.protobuf.Int32Value: an integer, or the message
// itself, {"value": 100}, which is what the official Python client sends.
func (d *decoder) priority(path string) error {
	if d.data[d.at] != '{' {
		return d.integer(path)
	}
	return d.message(path, func(name string) reader {
		if name == "value" {
			return d.integer
		}
		return nil
	})
}

func (d *decoder) integer(path string) error {
	v, err := d.value()
	if err != nil {
		return err
	}
	n, ok := integer(v)
	if !ok || n < 0 || n > 9999 {
		d.add(path, "must be an integer from 0 to 9999")
		return nil
	}
	p := int32(n)
	d.req.Priority = &p
	return nil
}

// expression hands the bytes to their own checker, which says how many they
// were.
func (d *decoder) expression(path string) error {
	n, summary, err := expression.CheckPrefix(d.data[d.at:], d.check)
	var syntax *expression.SyntaxError
	var invalid *expression.InvalidError
	switch {
	case errors.As(err, &syntax):
		reason := syntax.Reason
		if syntax.Path != "" {
			reason = syntax.Path + ": " + reason
		}
		return &syntaxError{offset: d.at + int(syntax.Offset), reason: reason}
	case errors.As(err, &invalid):
		for _, v := range invalid.Violations {
			d.add(v.Path, v.Description)
		}
		d.more = d.more || invalid.Truncated
	case err != nil:
		return err
	}
	d.req.Expression = [][]byte{d.data[d.at : d.at+n]}
	d.req.Summary = summary
	d.at += n
	return nil
}

// message reads an object with the given fields.
func (d *decoder) message(path string, field func(name string) reader) error {
	if d.data[d.at] != '{' {
		return d.mismatch(path, "must be an object")
	}
	return d.object(d.members(path, field))
}

// members makes the member function of a message: it finds the reader of each
// field by either of its names, and reports unknown and duplicate ones. Readers
// are called with the cursor at a value, never at its end and never at null.
func (d *decoder) members(path string, field func(name string) reader) func(string) error {
	var seen []string
	return func(name string) error {
		if d.at == len(d.data) {
			return d.unexpected("a value")
		}
		canonical := camelCase(name)
		read := field(canonical)
		switch {
		case read == nil:
			return d.mismatch(join(path, fieldName(name)), "unknown field")
		case slices.Contains(seen, canonical):
			return d.mismatch(join(path, canonical), "given more than once")
		}
		seen = append(seen, canonical)
		if d.data[d.at] == 'n' {
			_, err := d.value() // null: unset
			return err
		}
		return read(join(path, canonical))
	}
}

func (d *decoder) text(to *string) reader {
	return func(path string) error {
		if d.data[d.at] != '"' {
			return d.mismatch(path, "must be a string")
		}
		v, err := d.value()
		if err == nil {
			*to = unquote(v)
		}
		return err
	}
}

func (d *decoder) boolean(to **bool) reader {
	return func(path string) error {
		v, err := d.value()
		if err != nil {
			return err
		}
		switch v.Kind() {
		case 't', 'f':
			b := v.Kind() == 't'
			*to = &b
		default:
			d.add(path, "must be true or false")
		}
		return nil
	}
}

// mismatch skips a value that cannot be used and reports it.
func (d *decoder) mismatch(path, description string) error {
	d.add(path, description)
	_, err := d.value()
	return err
}

// integer reads an integer in any of the forms of protobuf's JSON mapping: 100,
// "100", 100.0, 1e2.
func integer(v jsontext.Value) (int64, bool) {
	text := string(v)
	if v.Kind() == '"' {
		text = unquote(v)
		if !isNumber(text) {
			return 0, false
		}
	} else if v.Kind() != '0' {
		return 0, false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// isNumber tells whether text is a JSON number and nothing else, which is less
// than what strconv takes: no "+1", "0x10", "1_000", "Inf" or " 1".
func isNumber(text string) bool {
	v := jsontext.Value(text)
	return len(text) > 0 && text[0] != ' ' && v.IsValid() && v.Kind() == '0' && text[len(text)-1] >= '0' && text[len(text)-1] <= '9'
}

// camelCase gives the lowerCamelCase form of a field's name. A name that is
// already in that form is returned as it is.
func camelCase(name string) string {
	for i := 0; i < len(name); i++ {
		if name[i] == '_' {
			return fromSnake(name)
		}
	}
	return name
}

func fromSnake(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			return name // neither form: it stays unknown
		case c != '_':
			out = append(out, c)
		case i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z' && i > 0:
			i++
			out = append(out, name[i]-'a'+'A')
		default:
			return name
		}
	}
	return string(out)
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// fieldName is a sender's name for a field, as it stands in a path: bare where
// it looks like one, quoted where not.
func fieldName(name string) string {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') || i == 80 {
			return quote(name)
		}
	}
	return name
}
