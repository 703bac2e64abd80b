package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope is the top level of a request: its members, each value as the bytes
// that stand in the file. An expression never changes by being sent.
type envelope []member

type member struct {
	name  string
	value jsontext.Value
}

// The names of the fields that are set here, in both forms that protobuf's JSON
// mapping has.
var (
	projectField   = []string{"project"}
	requestIDField = []string{"requestId", "request_id"}
)

// parseEnvelope splits a request. What its fields may be is for the function to
// say; here it must only be one JSON object.
func parseEnvelope(body []byte) (envelope, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return nil, fmt.Errorf("it is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var e envelope
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		e = append(e, m)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the JSON object")
	}
	return e, nil
}

// text returns the string of a field; "" where it is absent or no string.
func (e envelope) text(names []string) string {
	for _, m := range e {
		if slices.Contains(names, m.name) && m.value.Kind() == '"' {
			text, err := jsontext.AppendUnquote(nil, m.value)
			if err == nil {
				return string(text)
			}
		}
	}
	return ""
}

// without returns the envelope without a field.
func (e envelope) without(names []string) envelope {
	return slices.DeleteFunc(slices.Clone(e), func(m member) bool { return slices.Contains(names, m.name) })
}

// with returns the envelope with a field set.
func (e envelope) with(names []string, value string) envelope {
	// The error is for invalid UTF-8, which has been replaced: a request with
	// it is refused for what it holds then.
	quoted, _ := jsontext.AppendQuote(nil, value)
	return append(e.without(names), member{names[0], quoted})
}

// bytes joins the members again.
func (e envelope) bytes() []byte {
	out := []byte{'{'}
	for i, m := range e {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, m.name)
		out = append(out, ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}
