package handler

import (
	"bytes"
	"context"
	"encoding/base64"
	"mime"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// messagePublished is the type of an event that carries a Pub/Sub message.
const messagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// handleEvent takes an event through the pipeline: one from Pub/Sub through
// Eventarc or a wrapped push subscription, where message.data holds the request,
// or one of any other type with JSON data, where the data is the request.
//
// The event is acknowledged when its Operation is published, or when it can
// never succeed and has been published to the failures topic. In every other
// case it is not, so that it is delivered again, or moved to the subscription's
// dead-letter topic.
func (x *Exporter) handleEvent(ctx context.Context, event *cloudevents.Event, rec *record) (out *Outcome, acknowledged bool) {
	d, out := unwrap(event, rec.arrival)
	ctx = rec.begin(ctx, d)
	if out == nil {
		out = x.export(ctx, d, rec)
	}
	return out, table[out.Kind].published || x.publishFailure(ctx, d, out, rec)
}

// unwrap makes a delivery of an event. It returns one also with an outcome, for
// the failures topic.
func unwrap(event *cloudevents.Event, arrival time.Time) (*delivery, *Outcome) {
	d := &delivery{
		body:        event.Data(),
		source:      idSource{"cloudevent", []string{event.Source(), event.ID()}},
		time:        event.Time(),
		contentType: event.DataContentType(),
		trace:       newTraceContext(extension(event, "traceparent"), extension(event, "tracestate")),
	}
	d.arrive(arrival)
	if !isJSON(d.contentType) {
		return d, invalidField("datacontenttype", "must be a JSON media type, such as application/json")
	}
	if event.Type() != messagePublished {
		return d, nil
	}
	return d, d.unwrapMessage()
}

// unwrapMessage replaces the body, a Pub/Sub message in an envelope, with the
// message's data. Fields of the envelope that are not read may be anything:
// Pub/Sub adds to them.
func (d *delivery) unwrapMessage() *Outcome {
	envelope := cursor{data: d.body}
	var data jsontext.Value
	var attributes messageAttributes
	var publishTime string
	err := envelope.object(func(name string) error {
		if name != "message" || !envelope.atObject() {
			_, err := envelope.value()
			return err
		}
		return envelope.object(func(name string) error {
			v, err := envelope.value()
			switch {
			case err != nil:
				return err
			case name == "data":
				data = v
			case name == "attributes":
				attributes.read(v)
			case name == "publishTime" && v.Kind() == '"':
				publishTime = unquote(v)
			}
			return nil
		})
	})
	if err == nil {
		err = envelope.end()
	}
	if err != nil {
		return invalidField("", err.Error())
	}
	if t, err := time.Parse(time.RFC3339, publishTime); d.since.IsZero() && err == nil {
		// The event gave no time of its own; the message's is as good.
		d.time, d.since = t, t
	}
	if d.trace.parent == "" {
		d.trace = newTraceContext(attributes.traceparent, attributes.tracestate)
	}
	if len(data) < 3 || data.Kind() != '"' {
		return invalidField("message.data", "required: the export request, in base64")
	}
	decoded, err := decodeBase64(data)
	if err != nil {
		return invalidField("message.data", "is not base64")
	}
	d.body = decoded
	return nil
}

// decodeBase64 decodes a JSON string of base64 in place: a message of 10 MB
// needs no second buffer. Both alphabets are taken, padded or not, as protobuf's
// JSON mapping has it. Where it is not base64 the bytes are as they were, since
// the failures topic gets what was received.
func decodeBase64(v jsontext.Value) ([]byte, error) {
	text := []byte(v[1 : len(v)-1])
	if bytes.IndexByte(text, '\\') >= 0 { // an escaped slash, say
		text = []byte(unquote(v))
	}
	encoding := base64.RawStdEncoding
	if bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0 {
		encoding = base64.RawURLEncoding
	}
	text = bytes.TrimRight(text, "=")
	n, err := encoding.Decode(text, text)
	if err != nil {
		copy(text, encoding.AppendEncode(nil, text[:n-n%3]))
	}
	return text[:n], err
}

// messageAttributes are the Pub/Sub attributes that are read.
type messageAttributes struct {
	traceparent, tracestate string
}

// read takes the W3C trace context, under its own names or under those that
// Google's client libraries give it. Anything else about attributes is the
// publisher's own affair.
func (m *messageAttributes) read(v jsontext.Value) {
	c := cursor{data: v}
	_ = c.object(func(name string) error {
		value, err := c.value()
		if err != nil || value.Kind() != '"' {
			return err
		}
		switch name {
		case "traceparent", "ce-traceparent", "googclient_traceparent":
			m.traceparent = unquote(value)
		case "tracestate", "ce-tracestate", "googclient_tracestate":
			m.tracestate = unquote(value)
		}
		return nil
	})
}

func extension(event *cloudevents.Event, name string) string {
	s, _ := event.Extensions()[name].(string)
	return s
}

// isJSON tells whether a media type is JSON; an event that gives none is
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json"))
}
