package request

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/expression"
)

// decoder reads an export request in one pass over its bytes: protobuf's JSON
// mapping as Google's servers read it. Names are lowerCamelCase or snake_case,
// null is unset, and integers are numbers or strings; an unknown field, a
// duplicate name, trailing data and invalid UTF-8 are refused
// (https://protobuf.dev/programming-guides/json/). It continues after a wrong but
// well-formed value, so that one answer names every violation.
type decoder struct {
	cursor
	violations
	req   *Request
	check expression.Level
}

// decode reads the body and collects violations. It reports whether it reached
// the end: if not, fields of the body may be missing.
func (d *decoder) decode() bool {
	if bytes.HasPrefix(d.data, []byte("\xef\xbb\xbf")) {
		d.add("", "the request begins with a byte order mark: save it as UTF-8 without one")
		return false
	}
	if d.space(); d.at == len(d.data) {
		d.add("", "the request is empty: send the JSON body of projects.classifier.export")
		return false
	}
	err := d.object(d.members("", d.requestFields()))
	if err == nil {
		err = d.end()
	}
	if err != nil {
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			d.add(syntax.field, syntax.Error())
		} else {
			d.add("", err.Error())
		}
	}
	return err == nil
}

// reader consumes the value of the field at path. It returns an error only if
// the bytes are not JSON, and collects other violations.
type reader func(path string) error

// requestFields are the readers of the fields by their lowerCamelCase names.
func (d *decoder) requestFields() map[string]reader {
	return map[string]reader{
		"project":            d.text(&d.req.Project),
		"expression":         d.expression,
		"description":        d.text(&d.req.Description),
		"requestId":          d.text(&d.req.RequestID),
		"assetExportOptions": d.assetExportOptions,
		"workloadTag":        d.text(&d.req.WorkloadTag),
		"priority":           d.priority,
		"arguments":          d.arguments,
	}
}

func (d *decoder) assetExportOptions(path string) error {
	return d.message(path, map[string]reader{"earthEngineDestination": d.earthEngineDestination})
}

func (d *decoder) earthEngineDestination(path string) error {
	d.req.hasDestination = true
	return d.message(path, map[string]reader{
		"name":      d.text(&d.req.Destination.Name),
		"overwrite": d.boolean(&d.req.Destination.Overwrite),
	})
}

// priority reads a google.protobuf.Int32Value: an integer, or the message
// itself, {"value": 100}, which is what the official Python client sends.
func (d *decoder) priority(path string) error {
	if d.data[d.at] != '{' {
		return d.integer(path)
	}
	return d.message(path, map[string]reader{"value": d.integer})
}

func (d *decoder) integer(path string) error {
	v, err := d.value()
	if err != nil {
		return err
	}
	digits := []byte(v)
	if v.Kind() == '"' {
		digits = []byte(unquote(v))
	}
	n, ok := expression.ParseInt64(digits)
	if !ok || n < 0 || n > 9999 {
		d.add(path, "must be an integer from 0 to 9999")
		return nil
	}
	p := int32(n)
	d.req.Priority = &p
	return nil
}

// message reads an object with the given fields.
func (d *decoder) message(path string, fields map[string]reader) error {
	if d.data[d.at] != '{' {
		return d.mismatch(path, "must be an object")
	}
	return d.object(d.members(path, fields))
}

// members returns the member function of a message. It finds the reader of each
// field by either of its names, and reports unknown and duplicate ones. Readers
// are called with the cursor at a value, never at the end and never at null.
func (d *decoder) members(path string, fields map[string]reader) func(string) error {
	var seen []string
	return func(name string) error {
		if d.at == len(d.data) {
			return d.unexpected("a value")
		}
		canonical := camelCase(name)
		read := fields[canonical]
		switch {
		case read == nil:
			return d.mismatch(join(path, fieldName(name)), unknownField(path, name))
		case slices.Contains(seen, canonical):
			return d.mismatch(join(path, canonical), "given more than once")
		}
		seen = append(seen, canonical)
		if d.data[d.at] == 'n' {
			_, err := d.value() // null: unset
			return within(join(path, canonical), err)
		}
		return within(join(path, canonical), read(join(path, canonical)))
	}
}

// within adds the field to a syntax error that has none, so that the innermost
// field is named.
func within(field string, err error) error {
	var syntax *syntaxError
	if errors.As(err, &syntax) && syntax.field == "" {
		syntax.field = field
	}
	return err
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
		case jsontext.KindTrue, jsontext.KindFalse:
			b := v.Kind() == jsontext.KindTrue
			*to = &b
		default:
			d.add(path, "must be true or false")
		}
		return nil
	}
}

// mismatch skips a value of the wrong kind and collects the violation.
func (d *decoder) mismatch(path, description string) error {
	d.add(path, description)
	_, err := d.value()
	return err
}
