package message

import "errors"

// maxContextBytes bounds a CloudEvent's attributes together. Intermediaries have
// to forward events of up to 64 KB, data included
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits).
const maxContextBytes = 64 << 10

// CheckStructured returns an error if body, a CloudEvent in structured mode, is
// not JSON, or if its attributes are too large: the SDK, which reads it
// afterwards, spends a hundred times its size on each.
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
