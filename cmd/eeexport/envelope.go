package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope is the top level of a request: its members, each value with the bytes of
// the file, so that sending an expression does not change it.
type envelope []member

type member struct {
	name  string
	value []byte
}

// The names of the fields that are set here, in both forms that protobuf's JSON
// mapping has.
var (
	projectField   = []string{"project"}
	requestIDField = []string{"requestId", "request_id"}
	argumentsField = []string{"arguments"}
)

// parseEnvelope splits an object into its members. The check of the request
// describes why a request is refused.
func parseEnvelope(body []byte) (e envelope, err error) {
	// Names that are given twice, and invalid UTF-8, are for that check too.
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()}
		if m.value, err = dec.ReadValue(); err != nil {
			return nil, err
		}
		m.value = bytes.Clone(m.value) // the decoder uses it again
		e = append(e, m)
	}
	if _, err = dec.ReadToken(); err != nil { // the closing brace
		return nil, err
	}
	if _, err = dec.ReadToken(); err != io.EOF {
		return nil, errors.New("there is more after the JSON object")
	}
	return e, nil
}

// text returns the string of a field; "" if it is absent or not a string.
func (e envelope) text(names []string) (text string) {
	if i := e.index(names); i >= 0 && json.Unmarshal(e[i].value, &text) != nil {
		return ""
	}
	return text
}

func (e envelope) index(names []string) int {
	return slices.IndexFunc(e, func(m member) bool { return slices.Contains(names, m.name) })
}

// without returns the envelope without a field.
func (e envelope) without(names []string) envelope {
	return slices.DeleteFunc(slices.Clone(e), func(m member) bool { return slices.Contains(names, m.name) })
}

// with returns the envelope with a field set to a text.
func (e envelope) with(names []string, text string) envelope {
	return append(e.without(names), member{names[0], quote(text)})
}

// withArguments returns the envelope with NAME=VALUE texts merged into its
// arguments. A VALUE that is JSON is that constant, and any other is a string.
func (e envelope) withArguments(texts []string) (envelope, error) {
	if len(texts) == 0 {
		return e, nil
	}
	var arguments envelope
	if i := e.index(argumentsField); i >= 0 && string(e[i].value) != "null" {
		var err error
		if arguments, err = parseEnvelope(e[i].value); err != nil {
			return nil, usageError{errors.New("--argument: the request's own arguments are not a JSON object")}
		}
	}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Errorf("--argument: %q is not NAME=VALUE", text)}
		}
		constant := []byte(value)
		if !json.Valid(constant) {
			constant = quote(value)
		}
		arguments = append(arguments.without([]string{name}), member{name, constant})
	}
	return append(e.without(argumentsField), member{argumentsField[0], arguments.bytes()}), nil
}

// bytes joins the members again.
func (e envelope) bytes() []byte {
	out := []byte{'{'}
	for i, m := range e {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, quote(m.name)...), ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}

// quote returns s as a JSON string.
func quote(s string) []byte {
	// The error is for invalid UTF-8, which is replaced.
	quoted, _ := jsontext.AppendQuote(nil, s)
	return quoted
}
