package handler

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

// ServeEvent is the CloudEvent door over HTTP: binary or structured mode, or a
// Pub/Sub push with its wrapping and without CloudEvents headers.
//
// The functions framework's own receiver is not used. It hands the requests that
// come at the same time to receivers through one channel; a receiver ends with
// its own request, and may do so before it has taken another's event, which then
// is answered only when yet another comes. Under a load of 40 at once that was
// seen within minutes. It also reads events of any size, and cannot say
// Retry-After.
func (x *Exporter) ServeEvent(w http.ResponseWriter, r *http.Request) {
	rec := newRecord("event", x.tracing)
	acknowledged := false
	out := x.guard(r.Context(), rec, func(ctx context.Context) *Outcome {
		event, out := x.readEvent(w, r, rec.arrival)
		if out != nil {
			return out
		}
		out, acknowledged = x.handleEvent(ctx, event, rec)
		return out
	})
	if acknowledged {
		// Without a body: to some senders that would be an event in reply.
		out.writeHeader(w, http.StatusOK, 0)
		return
	}
	out.writeTo(w)
}

// readEvent reads the event that a request carries.
func (x *Exporter) readEvent(w http.ResponseWriter, r *http.Request, arrival time.Time) (*cloudevents.Event, *Outcome) {
	// An event holds the request in base64, and attributes beside it.
	body, out := x.read(w, r, arrival, 2*x.cfg.MaxRequestBytes+1<<20)
	if out != nil {
		return nil, out
	}
	message := cehttp.NewMessage(r.Header, nil)
	switch message.ReadEncoding() {
	case binding.EncodingBinary:
	case binding.EncodingStructured:
		message = cehttp.NewMessage(r.Header, io.NopCloser(bytes.NewReader(body)))
	case binding.EncodingBatch:
		return nil, invalidField("Content-Type", "a batch of events is not accepted: send one at a time")
	default:
		return pushedMessage(r.URL.Path, body)
	}
	event, err := binding.ToEvent(r.Context(), message)
	if err == nil {
		if message.ReadEncoding() == binding.EncodingBinary {
			event.DataEncoded = body // as it came, and not copied
		}
		err = event.Validate()
	}
	if err != nil {
		// What the SDK says of it may quote the event.
		return nil, invalidField("", "the request is not a CloudEvent that is complete and valid")
	}
	return event, nil
}

// pushTopic finds the topic that a push endpoint's path names.
var pushTopic = regexp.MustCompile(`projects/[^/]+/topics/[^/]+`)

// pushedMessage makes an event of a Pub/Sub push with its wrapping, the same
// that Eventarc makes of the message if the endpoint's path names its topic.
func pushedMessage(path string, body []byte) (*cloudevents.Event, *Outcome) {
	var id string
	envelope := cursor{data: body}
	err := envelope.object(func(name string) error {
		if name != "message" || !envelope.atObject() {
			_, err := envelope.value()
			return err
		}
		return envelope.object(func(name string) error {
			v, err := envelope.value()
			if err == nil && name == "messageId" && v.Kind() == '"' {
				id = unquote(v)
			}
			return err
		})
	})
	if err != nil || id == "" {
		return nil, invalidField("", "the request is neither a CloudEvent nor a message that Pub/Sub pushes")
	}
	event := cloudevents.NewEvent()
	event.SetID(id)
	event.SetType(messagePublished)
	event.SetSource("//pubsub.googleapis.com/" + pushTopic.FindString(path))
	event.DataEncoded = body
	return &event, nil
}
