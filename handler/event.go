package handler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
)

// messagePublished is the type of an event that carries a Pub/Sub message.
const messagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// minEventLimit is the lowest limit on the size of an event. It leaves room for
// a Pub/Sub message of 10 MB in base64, whose request can then be refused and
// published to the failures topic.
const minEventLimit = 16 << 20

// ServeEvent is the CloudEvent door over HTTP: binary or structured mode, or a
// Pub/Sub push with its wrapping and without CloudEvents headers. An event from
// Pub/Sub holds the request in message.data; the data of any other type is the
// request.
//
// It does not use the Functions Framework's receiver, which passes concurrent
// requests to receivers through one channel. A receiver may end with its own
// request before it has taken another's event, which is then answered only when
// yet another arrives. With 40 requests at once this happened within minutes. The
// framework's receiver also reads events of any size, and cannot send
// Retry-After.
func (x *Exporter) ServeEvent(w http.ResponseWriter, r *http.Request) {
	d := newDelivery()
	line := x.tracing.Request("event", d.arrival)
	out := x.guard(r.Context(), d, line, func(ctx context.Context) *outcome.Outcome {
		isEvent, out := x.receiveEvent(w, r, d)
		if d.trace == (message.Trace{}) {
			d.trace = message.TraceFromHeader(r.Header)
		}
		ctx = line.Received(ctx, len(d.body), d.trace)
		if out == nil {
			out = x.export(ctx, d, line)
		}
		if !isEvent { // there is nothing to publish
			return out
		}
		return x.settle(ctx, d, out, line)
	})
	out.WriteEventTo(w)
}

// receiveEvent fills in the delivery of an event. It reports whether the request
// is an event: only an event's failure is published.
func (x *Exporter) receiveEvent(w http.ResponseWriter, r *http.Request, d *delivery) (isEvent bool, out *outcome.Outcome) {
	if out := x.checkHead(w, r, d.arrival); out != nil {
		return false, out
	}
	// An event holds the request in base64, and attributes besides.
	body, out := x.readBody(w, r, d.arrival, max(2*x.cfg.MaxRequestBytes+1<<20, minEventLimit), nil)
	if out != nil {
		return false, out
	}
	if d.validateOnly, out = parseValidateOnly(r.URL); out != nil {
		return false, out
	}
	d.body = body
	d.identifyByHeaders(r.Header)
	event, out := readEvent(r, body)
	if out != nil {
		return false, out
	}
	if event == nil {
		return d.unwrapPush(r.URL.Path)
	}
	d.body, d.contentType = event.Data(), event.DataContentType()
	d.identity.EventSource, d.identity.EventID = event.Source(), event.ID()
	if d.time.IsZero() {
		d.time, d.sameTime = event.Time(), !event.Time().IsZero()
	}
	d.trace = message.NewTrace(extension(event, "traceparent"), extension(event, "tracestate"))
	if !isJSON(d.contentType) {
		return true, outcome.InvalidField("datacontenttype", "must be a JSON media type, such as application/json")
	}
	if event.Type() != messagePublished {
		return true, nil
	}
	envelope, err := message.ParseEnvelope(d.body)
	return true, d.unwrap(envelope, err)
}

// readEvent reads the CloudEvent that a request carries; nil if it carries none.
func readEvent(r *http.Request, body []byte) (*cloudevents.Event, *outcome.Outcome) {
	if _, ok := r.Header["Ce-"]; ok { // the SDK panics on it
		return nil, outcome.InvalidField("Ce-", "the header names no context attribute: remove it")
	}
	msg, data := cehttp.NewMessage(r.Header, nil), body
	switch msg.ReadEncoding() {
	case binding.EncodingBinary:
	case binding.EncodingStructured:
		attributes, inside, err := message.ParseStructured(body)
		if err != nil {
			return nil, outcome.InvalidField("", "the request is not a complete and valid CloudEvent: "+err.Error())
		}
		msg, data = cehttp.NewMessage(r.Header, io.NopCloser(bytes.NewReader(attributes))), inside
	case binding.EncodingBatch:
		return nil, outcome.InvalidField("Content-Type", "a batch of events is not accepted: send one at a time")
	default:
		return nil, nil
	}
	event, err := binding.ToEvent(r.Context(), msg)
	if err == nil {
		event.DataEncoded = data // not copied
		err = event.Validate()
	}
	if err != nil {
		// The SDK's error may quote the event.
		return nil, outcome.InvalidField("", "the request is not a complete and valid CloudEvent")
	}
	return event, nil
}

// pushTopic matches the topic in a push endpoint's path.
var pushTopic = regexp.MustCompile(`projects/[^/]+/topics/[^/]+`)

// unwrapPush reads a wrapped Pub/Sub push. If the endpoint's path names the topic,
// its identity is that of the event that Eventarc makes of the message.
func (d *delivery) unwrapPush(path string) (isEvent bool, out *outcome.Outcome) {
	envelope, err := message.ParseEnvelope(d.body)
	if envelope == nil || envelope.MessageID == "" {
		return false, outcome.InvalidField("", "the request is neither a CloudEvent nor a message that Pub/Sub pushes")
	}
	d.identity.EventSource, d.identity.EventID = "//pubsub.googleapis.com/"+pushTopic.FindString(path), envelope.MessageID
	return true, d.unwrap(envelope, err)
}

// unwrap replaces the body, a Pub/Sub message in an envelope, with the message's
// data, and takes the attempt, the time and the trace from the envelope.
func (d *delivery) unwrap(e *message.Envelope, err error) *outcome.Outcome {
	if e == nil {
		return outcome.InvalidField("", err.Error())
	}
	d.attempt = e.DeliveryAttempt
	if d.time.IsZero() {
		d.time, d.sameTime = e.PublishTime, !e.PublishTime.IsZero()
	}
	if d.trace == (message.Trace{}) {
		d.trace = e.Trace()
	}
	if errors.Is(err, message.ErrNoData) || errors.Is(err, message.ErrNotBase64) {
		return outcome.InvalidField("message.data", err.Error())
	}
	d.body, d.message = e.Data, e
	d.keepIdentity(e.Attributes[message.AttributeRequestID], e.Attributes[message.AttributeFirstPublishTime])
	return nil
}

func extension(event *cloudevents.Event, name string) string {
	s, _ := event.Extensions()[name].(string)
	return s
}

// isJSON reports whether a media type is JSON. An event without one holds JSON
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json"))
}
