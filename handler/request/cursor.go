package request

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/eeexport/eeclient/text"
)

// cursor walks JSON objects in bytes that it neither copies nor changes. The
// expression, nearly all of a request, has its own reader, which moves the cursor
// past it, so that the whole request is read in one pass. jsontext reads all
// other values.
type cursor struct {
	data []byte
	at   int

	dec jsontext.Decoder
	src bytes.Buffer
}

// object walks the members of the object at the cursor. For each, it calls
// member with the name and the cursor at the value, which member must consume.
func (c *cursor) object(member func(name string) error) error {
	if !c.take('{') {
		return c.unexpected("an object")
	}
	if c.take('}') {
		return nil
	}
	for {
		name, err := c.name()
		if err != nil {
			return err
		}
		if !c.take(':') {
			return c.unexpected("a colon after the name " + text.Quote(name))
		}
		c.space()
		if err := member(name); err != nil {
			return err
		}
		if c.take('}') {
			return nil
		}
		if !c.take(',') {
			return c.unexpected("a comma or the end of the object")
		}
	}
}

// value consumes one whole value and returns its bytes, checked for grammar and
// UTF-8 but not for duplicate names.
func (c *cursor) value() (jsontext.Value, error) {
	c.src = *bytes.NewBuffer(c.data[c.at:])
	c.dec.Reset(&c.src, jsontext.AllowDuplicateNames(true))
	v, err := c.dec.ReadValue()
	if err != nil {
		var syntax *jsontext.SyntacticError
		if errors.As(err, &syntax) {
			return nil, &syntaxError{offset: c.at + int(syntax.ByteOffset), reason: syntax.Err.Error()}
		}
		return nil, &syntaxError{offset: len(c.data), reason: "the JSON ends too early"}
	}
	c.at += int(c.dec.InputOffset())
	return c.data[c.at-len(v) : c.at], nil
}

// name consumes the name of a member.
func (c *cursor) name() (string, error) {
	if c.space(); c.at == len(c.data) || c.data[c.at] != '"' {
		return "", c.unexpected("a name in quotes")
	}
	v, err := c.value()
	if err != nil {
		return "", err
	}
	return unquote(v), nil
}

// end returns an error unless only white space is left.
func (c *cursor) end() error {
	if c.space(); c.at < len(c.data) {
		return c.unexpected("the end of the request")
	}
	return nil
}

// take consumes b, after white space, and reports whether it was there.
func (c *cursor) take(b byte) bool {
	if c.space(); c.at < len(c.data) && c.data[c.at] == b {
		c.at++
		return true
	}
	return false
}

func (c *cursor) space() {
	for c.at < len(c.data) {
		switch c.data[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

func (c *cursor) unexpected(want string) error {
	if c.at == len(c.data) {
		return &syntaxError{offset: c.at, reason: "the JSON ends too early: expected " + want}
	}
	return &syntaxError{offset: c.at, reason: fmt.Sprintf("expected %s, found %q", want, c.data[c.at])}
}

// syntaxError says where and why bytes are not JSON.
type syntaxError struct {
	field  string
	offset int
	reason string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("not valid JSON at byte %d: %s", e.offset, e.reason)
}

// unquote returns the text of a JSON string whose grammar has been checked.
func unquote(v jsontext.Value) string {
	if raw := v[1 : len(v)-1]; bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	b, _ := jsontext.AppendUnquote(nil, v) // cannot fail after the check
	return string(b)
}
