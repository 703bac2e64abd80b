package message

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// maxContextBytes bounds a CloudEvent's attributes together. Intermediaries have to
// forward events of up to 64 KB, data included
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits).
// The SDK, which reads them, allocates a hundred times the size of each.
const maxContextBytes = 64 << 10

// ParseStructured splits a CloudEvent in structured mode into its attributes, as a
// JSON object, and its data. The SDK would copy the data several times, and
// panics on some. Data in base64 is decoded in place: body must not be used
// afterwards, unless ParseStructured fails.
//
// The error is about the JSON, the base64, or attributes that are too large.
func ParseStructured(body []byte) (attributes, data []byte, err error) {
	r := newReader(body)
	attributes = []byte{'{'}
	inBase64 := false
	err = r.object(func(name string) error {
		value, err := r.value()
		if err != nil {
			return err
		}
		if name == "data" || name == "data_base64" {
			if data != nil {
				return errors.New("its data is given more than once")
			}
			data, inBase64 = value, inBase64 || name == "data_base64"
			return nil
		}
		if name == "datacontentencoding" && string(value) == `"base64"` { // of version 0.3
			inBase64 = true
		}
		if len(attributes)+len(name)+len(value) > maxContextBytes {
			return errors.New("its attributes are too large")
		}
		if len(attributes) > 1 {
			attributes = append(attributes, ',')
		}
		attributes, err = jsontext.AppendQuote(attributes, name)
		attributes = append(append(attributes, ':'), value...)
		return err
	})
	if err == nil {
		err = r.end()
	}
	if err == nil && inBase64 && data != nil {
		if jsontext.Value(data).Kind() != '"' {
			return nil, nil, ErrNotBase64
		}
		data, err = decodeBase64(data)
	}
	return append(attributes, '}'), data, err
}
