package message

import (
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// The types of the published CloudEvents. A change that could break consumers
// needs a new version.
const (
	TypeStarted       = "eeexport.operation.started.v1"
	TypeSucceeded     = "eeexport.operation.succeeded.v1"
	TypeFailed        = "eeexport.operation.failed.v1"
	TypeCancelled     = "eeexport.operation.cancelled.v1"
	TypeRequestFailed = "eeexport.request.failed.v1"
)

// MaxAttributeBytes is the size of the largest value that a Pub/Sub attribute
// takes (https://cloud.google.com/pubsub/quotas#resource_limits).
const MaxAttributeBytes = 1024

// event holds the context attributes of a CloudEvent.
type event struct {
	id, source, kind, subject string
	time                      time.Time
	trace                     Trace
}

// message returns the Pub/Sub message that carries the event: CloudEvents 1.0
// in binary mode, in which each context attribute is an attribute with the
// prefix ce-
// (https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md).
// Attributes without a value are left out.
func (e *event) message(contentType string, data []byte, attributes map[string]string) *pubsubpb.PubsubMessage {
	attributes["ce-specversion"] = "1.0"
	attributes["ce-id"] = e.id
	attributes["ce-source"] = e.source
	attributes["ce-type"] = e.kind
	attributes["ce-subject"] = e.subject
	attributes["ce-time"] = e.time.UTC().Format(time.RFC3339Nano)
	attributes["Content-Type"] = contentType
	e.trace.inject(attributes)
	for name, value := range attributes {
		if value == "" {
			delete(attributes, name)
			continue
		}
		attributes[name] = fit(value)
	}
	return &pubsubpb.PubsubMessage{Data: data, Attributes: attributes}
}

// fit cuts a value to what Pub/Sub accepts, which refuses a message whose
// attributes are too long or not UTF-8.
func fit(value string) string {
	if len(value) <= MaxAttributeBytes && utf8.ValidString(value) {
		return value
	}
	return strings.ToValidUTF8(value[:min(len(value), MaxAttributeBytes)], "")
}

// source returns the ce-source of a project, projects/P.
func source(project string) string { return "//earthengine.googleapis.com/" + project }
