package message

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
)

// Attributes that make a request keep its identity when it is published again.
const (
	// AttributeRequestID is the request ID of the first delivery.
	AttributeRequestID = "requestId"
	// AttributeFirstPublishTime is the time of the first delivery, RFC 3339.
	AttributeFirstPublishTime = "firstPublishTime"
)

// Failure says why a request can never succeed.
type Failure struct {
	// Code is the name of the google.rpc.Code, such as INVALID_ARGUMENT.
	Code string
	// Reason is a constant that says why, and Message explains it to a person.
	Reason, Message string
	// Violations are published as JSON, as many as an attribute holds.
	Violations []eeclient.FieldViolation
	// RequestID is the request ID used.
	RequestID string
	// Operation is the name of the Operation that was started nevertheless, or
	// that the request ID belongs to; empty if there is none.
	Operation string
	// DeliveryAttempt is how often the event was delivered; 0 if unknown.
	DeliveryAttempt int
	// MayHaveStarted is set if an earlier attempt or delivery may have started
	// an export.
	MayHaveStarted bool
}

// RequestFailed returns the message that announces a failed request: the body
// as it was received, with the reason in the attributes. Project, projects/P,
// owns the topic.
func RequestFailed(body []byte, contentType, project string, f Failure, trace Trace, now time.Time) *pubsubpb.PubsubMessage {
	e := event{
		id:      f.RequestID + "/failed",
		source:  source(project),
		kind:    TypeRequestFailed,
		subject: f.RequestID,
		time:    now,
		trace:   trace,
	}
	if contentType == "" {
		contentType = "application/json"
	}
	attributes := map[string]string{
		"code":       f.Code,
		"reason":     f.Reason,
		"message":    f.Message,
		"violations": violations(f.Violations),
		"requestId":  f.RequestID,
		"operation":  f.Operation,
	}
	if f.DeliveryAttempt > 0 {
		attributes["deliveryAttempt"] = strconv.Itoa(f.DeliveryAttempt)
	}
	if f.MayHaveStarted {
		attributes["mayHaveStarted"] = "true"
	}
	return e.message(contentType, body, attributes)
}

// violations marshals as many violations as an attribute holds; "" for none.
func violations(list []eeclient.FieldViolation) string {
	var fit []byte
	for _, v := range list {
		b, _ := json.Marshal(v) // strings always marshal
		if len(fit)+len(b)+len("[]") <= MaxAttributeBytes {
			fit = append(append(fit, b...), ',')
		}
	}
	if fit == nil {
		return ""
	}
	return "[" + string(fit[:len(fit)-1]) + "]"
}

// Again returns the message that publishes a request again, to wait: its data
// and attributes are unchanged, and the identity of its first delivery is
// added.
func Again(data []byte, attributes map[string]string, requestID string, first time.Time) *pubsubpb.PubsubMessage {
	attributes = maps.Clone(attributes)
	if attributes == nil {
		attributes = make(map[string]string, 2)
	}
	attributes[AttributeRequestID] = requestID
	attributes[AttributeFirstPublishTime] = first.UTC().Format(time.RFC3339Nano)
	return &pubsubpb.PubsubMessage{Data: data, Attributes: attributes}
}
