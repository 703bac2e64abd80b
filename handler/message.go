package handler

import (
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
)

// The types of the CloudEvents that are published. They are versioned: a
// consumer may rely on all that it finds in one.
const (
	typeStarted = "eeexport.operation.started.v1"
	typeFailed  = "eeexport.request.failed.v1"
)

// maxAttributeBytes is the largest value that a Pub/Sub attribute takes
// (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxAttributeBytes = 1024

// startedMessage is the Operation as it goes to the operations topic. Its ID is
// the same whenever the same Operation is published again.
func startedMessage(op *eeclient.Operation, r *Request, trace traceContext) *pubsubpb.PubsubMessage {
	created := op.CreateTime()
	if created.IsZero() {
		created = time.Now()
	}
	event := cloudEvent{
		id:      op.Name() + "/started",
		source:  "//earthengine.googleapis.com/" + r.Project,
		kind:    typeStarted,
		subject: op.Name(),
		time:    created,
		trace:   trace,
	}
	return event.message("application/json", op.JSON(), map[string]string{
		"operation":   op.Name(),
		"project":     r.Project,
		"asset":       r.Destination.Name,
		"requestId":   r.RequestID,
		"workloadTag": r.WorkloadTag,
	})
}

// failedMessage is a request that can never succeed, as it was received, with
// the reason beside it.
func failedMessage(d *delivery, o *Outcome, project string, trace traceContext) *pubsubpb.PubsubMessage {
	event := cloudEvent{
		id:      o.RequestID + "/failed",
		source:  "//earthengine.googleapis.com/" + project,
		kind:    typeFailed,
		subject: o.RequestID, // there is no Operation to be the subject
		time:    time.Now(),
		trace:   trace,
	}
	contentType := d.contentType
	if contentType == "" {
		contentType = "application/json"
	}
	return event.message(contentType, d.body, map[string]string{
		"code":      o.Status(),
		"reason":    o.Reason,
		"message":   o.Message,
		"requestId": o.RequestID,
	})
}

// cloudEvent is what a message says of itself: CloudEvents 1.0 in binary mode
// over Pub/Sub, where each context attribute is an attribute with the prefix
// ce-
// (https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md).
type cloudEvent struct {
	id, source, kind, subject string
	time                      time.Time
	trace                     traceContext
}

// message makes the Pub/Sub message. Attributes without a value are left out.
func (e *cloudEvent) message(contentType string, data []byte, attributes map[string]string) *pubsubpb.PubsubMessage {
	attributes["ce-specversion"] = "1.0"
	attributes["ce-id"] = e.id
	attributes["ce-source"] = e.source
	attributes["ce-type"] = e.kind
	attributes["ce-subject"] = e.subject
	attributes["ce-time"] = e.time.UTC().Format(time.RFC3339Nano)
	attributes["Content-Type"] = contentType
	e.trace.inject(attributes)
	for name, value := range attributes {
		switch {
		case value == "":
			delete(attributes, name)
		case len(value) > maxAttributeBytes || !utf8.ValidString(value):
			// Pub/Sub would refuse the message for either.
			attributes[name] = strings.ToValidUTF8(value[:min(len(value), maxAttributeBytes)], "")
		}
	}
	return &pubsubpb.PubsubMessage{Data: data, Attributes: attributes}
}
