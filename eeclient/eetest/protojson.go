package eetest

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads protobuf's JSON mapping the way Google's servers do:
// lowerCamelCase and snake_case names, null as unset, and no name that it does
// not know. It goes on after a violation, to report all of them. Its errors are of
// syntax, after which nothing can be read.
type decoder struct {
	*jsontext.Decoder
	violations []fieldViolation
}

// names collects the names of a map's entries.
func (d *decoder) names(path string, into map[string]bool) error {
	if d.PeekKind() != '{' {
		return d.other(path, "map")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		tok, err := d.ReadToken()
		if err != nil {
			return err
		}
		into[tok.String()] = true
		if err := d.SkipValue(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// errUnknown is returned to object for a name that no field has.
var errUnknown = errors.New("unknown name")

// object reads a message: field is called for each member that is set, with
// its lowerCamelCase name and its path, and must read the value.
func (d *decoder) object(path, kind string, field func(name, path string) error) error {
	if d.PeekKind() != '{' {
		return d.other(path, kind)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for d.PeekKind() != '}' {
		tok, err := d.ReadToken()
		if err != nil {
			return err
		}
		given := tok.String()
		name := camel(given)
		at := join(path, name)
		if seen[name] {
			// The decoder itself refuses the same spelling twice.
			d.violate(at, "Invalid value at '%s', oneof field is already set.", at)
		}
		seen[name] = true
		err = field(name, at)
		if errors.Is(err, errUnknown) {
			where := ""
			if path != "" {
				where = " at '" + path + "'"
			}
			d.violate(path, "Invalid JSON payload received. Unknown name %q%s: Cannot find field.", given, where)
			err = d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// camel turns protobuf's own name of a field into that of its JSON mapping.
func camel(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (d *decoder) violate(field, format string, args ...any) {
	d.violations = append(d.violations, fieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
}

// string reads a string.
func (d *decoder) string(path string) (string, error) {
	if d.PeekKind() != '"' {
		return "", d.other(path, "TYPE_STRING")
	}
	tok, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	return tok.String(), nil
}

// bool reads true or false.
func (d *decoder) bool(path string) (bool, error) {
	if k := d.PeekKind(); k != 't' && k != 'f' {
		return false, d.other(path, "TYPE_BOOL")
	}
	tok, err := d.ReadToken()
	if err != nil {
		return false, err
	}
	return tok.Bool(), nil
}

// int32 reads an integer: a number, also in the form 1e2 or 100.0, or a string
// that holds one. It is nil if unset.
func (d *decoder) int32(path string) (*int, error) {
	kind := d.PeekKind()
	if kind != '0' && kind != '"' {
		return nil, d.other(path, "TYPE_INT32")
	}
	tok, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	text := tok.String()
	f, err := strconv.ParseFloat(text, 64)
	// A string may hold a number that JSON does not know, such as 0x10.
	if v := jsontext.Value(text); err != nil || v.Kind() != '0' || !v.IsValid() || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		d.mismatch(path, "TYPE_INT32", strconv.Quote(text))
		return nil, nil
	}
	n := int(f)
	return &n, nil
}

// wrappedInt32 reads an integer, or an object with one, as the official Python
// client sends google.protobuf.Int32Value.
func (d *decoder) wrappedInt32(path string) (n *int, err error) {
	if d.PeekKind() != '{' {
		return d.int32(path)
	}
	err = d.object(path, "", func(name, path string) (err error) {
		if name != "value" {
			return errUnknown
		}
		n, err = d.int32(path)
		return err
	})
	if n == nil && err == nil {
		n = new(int) // a wrapper without a value means 0
	}
	return n, err
}

// other reads a value of another kind than the field's: null, which is unset, or a
// violation.
func (d *decoder) other(path, kind string) error {
	v, err := d.ReadValue()
	if err == nil && v.Kind() != 'n' {
		d.mismatch(path, kind, string(v))
	}
	return err
}

func (d *decoder) mismatch(path, kind, value string) {
	const enough = 100 // bytes of a value that a message shows
	if len(value) > enough {
		value = strings.ToValidUTF8(value[:enough], "") + "..."
	}
	at := ""
	if path != "" {
		at = " at '" + path + "'"
	}
	d.violate(path, "Invalid value%s (%s), %s", at, kind, value)
}
