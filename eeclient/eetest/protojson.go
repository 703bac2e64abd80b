package eetest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/text"
)

// decoder reads valid JSON in protobuf's mapping, the way Google's servers do:
// lowerCamelCase and snake_case names, null as unset, and no name that it does
// not know. It collects all violations.
type decoder struct{ violations []fieldViolation }

// value is a JSON value and its path; the zero value is unset.
type value struct {
	jsontext.Value
	path string
}

// message is the members of an object.
type message map[string]value

// is reports whether v begins as one of the kinds. Any other value but null, which
// is unset, is a violation.
func (d *decoder) is(v value, kind, begins string) bool {
	k := v.Kind()
	if k != 0 && strings.IndexByte(begins, byte(k)) >= 0 {
		return true
	}
	if k != 0 && k != 'n' {
		d.mismatch(v, kind)
	}
	return false
}

// members returns the members of a map; nil if it is unset.
func (d *decoder) members(v value, kind string) message {
	if !d.is(v, kind, "{") {
		return nil
	}
	var raw map[string]jsontext.Value
	_ = json.Unmarshal(v.Value, &raw) // it is a valid object
	m := make(message)
	for name, member := range raw {
		m[name] = value{member, strings.TrimPrefix(v.path+"."+name, ".")}
	}
	return m
}

// message returns the fields of a message by their lowerCamelCase names; nil if
// it is unset.
func (d *decoder) message(v value, kind string, known ...string) message {
	given := d.members(v, "type.googleapis.com/google.earthengine.v1."+kind)
	if given == nil {
		return nil
	}
	m := make(message)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		field := camel(name)
		switch _, twice := m[field]; {
		case !slices.Contains(known, field):
			d.violate(v.path, "Invalid JSON payload received. Unknown name %q%s: Cannot find field.", name, v.at())
		case twice:
			path := strings.TrimPrefix(v.path+"."+field, ".")
			d.violate(path, "Invalid value at '%s', oneof field is already set.", path)
		default:
			m[field] = given[name]
		}
	}
	return m
}

// camel turns protobuf's own name of a field into that of its JSON mapping.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// string returns a string.
func (d *decoder) string(v value) (s string) {
	if d.is(v, "TYPE_STRING", `"`) {
		_ = json.Unmarshal(v.Value, &s) // it is a valid string
	}
	return s
}

// int32 returns an integer: a number, also in the form 1e2 or 100.0, or a string
// that holds one. It is nil if unset.
func (d *decoder) int32(v value) *int {
	if !d.is(v, "TYPE_INT32", `0"`) {
		return nil
	}
	number := v.Value
	if v.Kind() == '"' {
		number = jsontext.Value(d.string(v))
	}
	f, err := strconv.ParseFloat(string(number), 64)
	// A string may hold a number that JSON does not know, such as 0x10.
	if err != nil || number.Kind() != '0' || !number.IsValid() || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		d.mismatch(v, "TYPE_INT32")
		return nil
	}
	n := int(f)
	return &n
}

// wrappedInt32 returns an integer, or that in an object, as the official Python
// client sends google.protobuf.Int32Value.
func (d *decoder) wrappedInt32(v value) *int {
	if v.Kind() != '{' {
		return d.int32(v)
	}
	if n := d.int32(d.message(v, "Int32Value", "value")["value"]); n != nil {
		return n
	}
	return new(int) // a wrapper without a value means 0
}

func (d *decoder) violate(field, format string, args ...any) {
	d.violations = append(d.violations, fieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
}

func (d *decoder) mismatch(v value, kind string) {
	d.violate(v.path, "Invalid value%s (%s), %s", v.at(), kind, text.Clip(string(v.Value), 100))
}

// at names the place of a value in the words of Google's servers.
func (v value) at() string {
	if v.path == "" {
		return ""
	}
	return " at '" + v.path + "'"
}
