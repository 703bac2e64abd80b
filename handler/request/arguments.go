package request

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/expression"
)

// argument is a constant for an open reference of the expression.
type argument struct {
	name  string
	value jsontext.Value
}

// arguments reads the object of arguments. Its names are those of the
// expression's open references, and a null value is a constant. The
// expression's check reports duplicate names within a value and too many
// arguments, so one argument beyond the limit is enough to keep.
func (d *decoder) arguments(path string) error {
	if d.data[d.at] != '{' {
		return d.mismatch(path, "must be an object of constants by their names")
	}
	seen := make(map[string]bool)
	return d.object(func(name string) error {
		v, err := d.value()
		switch {
		case err != nil:
			return within(join(path, fieldName(name)), err)
		case seen[name]:
			d.add(join(path, fieldName(name)), "given more than once")
		case len(seen) <= expression.MaxArguments:
			seen[name] = true
			d.req.arguments = append(d.req.arguments, argument{name, v})
		}
		return nil
	})
}

// replaceInJSON replaces the placeholders in the strings of a JSON value, but not
// in the names of its members, and reports whether it found any. A value without
// placeholders keeps its bytes, and so does one that would become tooLarge: more
// than arguments may add to an expression.
func (p *placeholders) replaceInJSON(v *jsontext.Value) (found, tooLarge bool) {
	if !bytes.Contains(*v, []byte("{")) && !bytes.Contains(*v, []byte(`\u007`)) {
		return false, false
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(*v), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	kept, read := 0, 0 // (*v)[:kept] is in out
	for {
		token, err := dec.ReadToken()
		if err != nil {
			break // the end, since the grammar has been checked
		}
		begin := read
		read = int(dec.InputOffset())
		if kind, n := dec.StackIndex(dec.StackDepth()); token.Kind() != '"' || kind == '{' && n%2 == 1 {
			continue // not a string, or the name of a member
		}
		begin += bytes.IndexByte((*v)[begin:], '"')
		s := literal((*v)[begin:read])
		size := p.grown(s)
		if size == len(s) {
			continue
		}
		if out.Len()+begin-kept+size+len(*v)-read > expression.MaxFilledBytes {
			return false, true
		}
		if !found {
			out.Grow(min(p.grown(*v), expression.MaxFilledBytes)) // once, unless there are escapes
			found = true
		}
		out.Write((*v)[kept:begin])
		_, _ = p.withISO.WriteString(&out, string(s)) // writing to a Buffer never fails
		kept = read
	}
	if found {
		out.Write((*v)[kept:])
		*v = out.Bytes()
	}
	return found, false
}

// literal returns a JSON string whose grammar has been checked, quotes included,
// without the escapes that could hide a placeholder.
func literal(v jsontext.Value) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v
	}
	b, _ := jsontext.AppendUnquote(nil, v) // neither can fail after the check
	b, _ = jsontext.AppendQuote(nil, b)
	return b
}
