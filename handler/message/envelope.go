package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Envelope is a Pub/Sub message as a push subscription or Eventarc delivers it
// (https://cloud.google.com/pubsub/docs/push#receive_push).
type Envelope struct {
	// Data is the message's data, decoded.
	Data []byte
	// Attributes are the message's attributes.
	Attributes map[string]string
	// MessageID is Pub/Sub's ID of the message; empty if not given.
	MessageID string
	// PublishTime is when the message was published; the zero time if not given.
	PublishTime time.Time
	// DeliveryAttempt counts the deliveries, from 1; 0 if the subscription has
	// no dead-letter policy.
	DeliveryAttempt int
}

// Errors that [ParseEnvelope] returns about the field message.data.
var (
	ErrNoData    = errors.New("required: the export request, in base64")
	ErrNotBase64 = errors.New("is not base64")
)

// ParseEnvelope reads an envelope. It ignores unknown fields, since Pub/Sub adds
// some over time. It decodes the data in place: body must not be used afterwards,
// unless ParseEnvelope fails.
//
// The error is [ErrNoData], [ErrNotBase64] or a JSON error. With the first two,
// the other fields of the Envelope are set.
func ParseEnvelope(body []byte) (*Envelope, error) {
	r := newReader(body)
	e := new(Envelope)
	var data jsontext.Value
	err := r.object(func(name string) error {
		switch {
		case name == "deliveryAttempt" || name == "delivery_attempt":
			v, err := r.value()
			if n, notNumber := strconv.Atoi(string(v)); notNumber == nil && n > 0 {
				e.DeliveryAttempt = n
			}
			return err
		case name != "message" || r.dec.PeekKind() != '{':
			return r.dec.SkipValue()
		}
		return r.object(func(name string) (err error) {
			switch name {
			case "data":
				data, err = r.value()
			case "attributes":
				err = r.attributes(e)
			case "messageId", "message_id":
				err = r.text(&e.MessageID)
			case "publishTime", "publish_time":
				var text string
				err = r.text(&text)
				if t, notTime := time.Parse(time.RFC3339, text); notTime == nil {
					e.PublishTime = t
				}
			default:
				err = r.dec.SkipValue()
			}
			return err
		})
	})
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, err
	}
	if len(data) < 3 || data.Kind() != '"' {
		return e, ErrNoData
	}
	e.Data, err = decodeBase64(data)
	return e, err
}

// Trace returns the trace context among the attributes.
func (e *Envelope) Trace() Trace { return traceFromAttributes(e.Attributes) }

// decodeBase64 decodes a JSON string of base64 in place, so that a message of
// 10 MB needs no second buffer. Like protobuf's JSON mapping it accepts both
// alphabets, with or without padding. If the text is not base64, it restores the
// bytes: the failures topic gets what was received.
func decodeBase64(v jsontext.Value) ([]byte, error) {
	text := []byte(v[1 : len(v)-1])
	if bytes.IndexByte(text, '\\') >= 0 { // an escaped slash, for example
		unquoted, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return nil, ErrNotBase64
		}
		text = unquoted
	}
	encoding := base64.RawStdEncoding
	if bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0 {
		encoding = base64.RawURLEncoding
	}
	text = bytes.TrimRight(text, "=")
	n, err := encoding.Decode(text, text)
	if err != nil {
		copy(text, encoding.AppendEncode(nil, text[:n-n%3]))
		return nil, ErrNotBase64
	}
	return text[:n], nil
}
