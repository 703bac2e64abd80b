package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// errNotAnObject says no more: the check of the request says where and why.
var errNotAnObject = errors.New("it is not a JSON object")

// parseEnvelope splits an object into its members. It only looks for the ends of
// values, at any depth, and leaves their errors to the check of the request.
func parseEnvelope(body []byte) (e envelope, err error) {
	rest, ok := bytes.CutPrefix(trimSpace(body), []byte("{"))
	if !ok {
		return nil, errNotAnObject
	}
	if rest = trimSpace(rest); len(rest) > 0 && rest[0] == '}' {
		return e, noMore(rest[1:])
	}
	for {
		var m member
		n := valueLength(rest)
		if n == 0 || rest[0] != '"' || json.Unmarshal(rest[:n], &m.name) != nil {
			return nil, errNotAnObject
		}
		if rest, ok = bytes.CutPrefix(trimSpace(rest[n:]), []byte(":")); !ok {
			return nil, errNotAnObject
		}
		rest = trimSpace(rest)
		if n = valueLength(rest); n == 0 {
			return nil, errNotAnObject
		}
		m.value, rest = rest[:n], trimSpace(rest[n:])
		e = append(e, m)
		switch {
		case len(rest) > 0 && rest[0] == '}':
			return e, noMore(rest[1:])
		case len(rest) == 0 || rest[0] != ',':
			return nil, errNotAnObject
		}
		rest = trimSpace(rest[1:])
	}
}

func noMore(rest []byte) error {
	if len(trimSpace(rest)) > 0 {
		return errNotAnObject
	}
	return nil
}

func trimSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// valueLength returns the length of the value at the start of b; 0 if it has no
// end.
func valueLength(b []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
			if !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth > 0:
			if c == '}' || c == ']' {
				if depth--; depth == 0 {
					return i + 1
				}
			}
		case strings.IndexByte(",:}] \t\r\n", c) >= 0:
			return i
		}
	}
	return 0
}

// text returns the string of a field; "" if it is absent or no string.
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
