package message

import "errors"

// maxContextBytes is how large a CloudEvent's attributes may be together. An
// event of 64 KB has to be carried by everybody, data included
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits).
const maxContextBytes = 64 << 10

// CheckStructured returns an error if body, a CloudEvent in structured mode, is
// not JSON, or if what it holds besides its data is too large. The SDK, which
// reads it afterwards, spends a hundred times its size on each attribute.
func CheckStructured(body []byte) error {
	r, size := newReader(body), 0
	err := r.object(func(name string) error {
		value, err := r.value()
		if size += len(name); name != "data" && name != "data_base64" {
			size += len(value)
		}
		if err == nil && size > maxContextBytes {
			err = errors.New("its attributes are too large")
		}
		return err
	})
	if err == nil {
		err = r.end()
	}
	return err
}
