package request

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// argument is a constant for an open place of the expression.
type argument struct {
	name  string
	value jsontext.Value
}

// arguments reads the object of arguments. Its names are the expression's own,
// and a null among its values is a constant.
func (d *decoder) arguments(path string) error {
	if d.data[d.at] != '{' {
		return d.mismatch(path, "must be an object of constants by their names")
	}
	seen := make(map[string]bool)
	return d.object(func(name string) error {
		field := join(path, fieldName(name))
		v, err := d.constant()
		if err != nil {
			return within(field, err)
		}
		if seen[name] {
			d.add(field, "given more than once")
			return nil
		}
		seen[name] = true
		d.req.arguments = append(d.req.arguments, argument{name, v})
		return nil
	})
}

// replaceInJSON replaces the placeholders in the strings of a JSON value, not
// in the names of its members, and reports whether it had any. A value without
// placeholders keeps its bytes.
func (p *placeholders) replaceInJSON(v *jsontext.Value) bool {
	if !bytes.Contains(*v, []byte("{")) && !bytes.Contains(*v, []byte(`\u007`)) {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(*v))
	var out []byte
	kept, read, found := 0, 0, false // (*v)[:kept] is in out
	for {
		token, err := dec.ReadToken()
		if err != nil {
			break // the end, since the grammar has been checked
		}
		begin := read
		read = int(dec.InputOffset())
		if kind, n := dec.StackIndex(dec.StackDepth()); token.Kind() != '"' || kind == '{' && n%2 == 1 {
			continue // no string, or the name of a member
		}
		s := token.String()
		if !p.replace(p.withISO, &s) {
			continue
		}
		found = true
		begin += bytes.IndexByte((*v)[begin:], '"')
		out = append(out, (*v)[kept:begin]...)
		out, _ = jsontext.AppendQuote(out, s) // what came from JSON is UTF-8
		kept = read
	}
	if found {
		*v = append(out, (*v)[kept:]...)
	}
	return found
}
