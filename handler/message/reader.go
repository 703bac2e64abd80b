package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// reader walks the JSON objects of an envelope.
type reader struct {
	body []byte
	dec  *jsontext.Decoder
}

func newReader(body []byte) reader {
	return reader{body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))}
}

// object calls member for each member of the object at the decoder, which must
// consume the value.
func (r *reader) object(member func(name string) error) error {
	if r.dec.PeekKind() != '{' {
		return r.unexpected("an object")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	for r.dec.PeekKind() == '"' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return r.syntax(err)
		}
		if err := member(name.String()); err != nil {
			return r.syntax(err)
		}
	}
	_, err := r.dec.ReadToken() // the end of the object, or an error
	return r.syntax(err)
}

// value reads one value, whose bytes are those of the body.
func (r *reader) value() (jsontext.Value, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, r.syntax(err)
	}
	end := int(r.dec.InputOffset())
	return jsontext.Value(r.body[end-len(v) : end]), nil
}

// text reads a string and ignores a value of another type.
func (r *reader) text(to *string) error {
	if r.dec.PeekKind() != '"' {
		return r.dec.SkipValue()
	}
	token, err := r.dec.ReadToken()
	if err != nil {
		return r.syntax(err)
	}
	*to = token.String()
	return nil
}

// maxAttributes is the largest number of attributes of a Pub/Sub message
// (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxAttributes = 100

// attributes reads a map of strings and ignores members of other types.
func (r *reader) attributes(e *Envelope) error {
	if r.dec.PeekKind() != '{' {
		return r.dec.SkipValue()
	}
	e.Attributes = make(map[string]string)
	return r.object(func(name string) error {
		var value string
		isText := r.dec.PeekKind() == '"'
		if err := r.text(&value); err != nil {
			return err
		}
		if isText {
			e.Attributes[name] = value
		}
		if len(e.Attributes) > maxAttributes {
			return errors.New("it has more attributes than a Pub/Sub message")
		}
		return nil
	})
}

// end returns an error unless only white space is left.
func (r *reader) end() error {
	_, err := r.dec.ReadToken()
	if err == nil {
		return r.unexpected("the end of the message")
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return r.syntax(err)
}

func (r *reader) unexpected(want string) error {
	return fmt.Errorf("not valid JSON at byte %d: expected %s", r.dec.InputOffset(), want)
}

// syntax describes an error of the decoder without quoting the body.
func (r *reader) syntax(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntactic):
		return fmt.Errorf("not valid JSON at byte %d: %w", syntactic.ByteOffset, syntactic.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("not valid JSON at byte %d: the JSON ends too early", len(r.body))
	}
	return err
}
