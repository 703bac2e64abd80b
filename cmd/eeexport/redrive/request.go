package redrive

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/requestid"
)

// Record is the result of one message. Its JSON is a line of 'redrive --json'.
type Record struct {
	// ID is the message's ID.
	ID string `json:"message"`
	// Published is when it was published to the topic of the subscription.
	Published time.Time `json:"publishTime"`
	// Bytes is the size of its data.
	Bytes int `json:"bytes"`
	// RequestID is the request ID that it is published with; "" if it gets a new
	// one, or has its own in its body.
	RequestID string `json:"requestId,omitempty"`
	// Failure is why the function gave up the request; nil for a dead letter.
	Failure *Failure `json:"failure,omitempty"`
	// DeadLetter is where Pub/Sub gave it up; nil for others.
	DeadLetter *DeadLetter `json:"deadLetter,omitempty"`
	// Warning says what to check before it is sent again; "" for nothing.
	Warning string `json:"warning,omitempty"`
	// Foreign is set if it is not a failed request, and is left alone.
	Foreign bool `json:"foreign,omitempty"`
	// PublishedAs is the ID of the message that it was published as; "" if it
	// was not.
	PublishedAs string `json:"publishedAs,omitempty"`
	// Error is why it could not be published.
	Error string `json:"error,omitempty"`
}

// Failure is the function's reason, from the attributes of a message on the
// failures topic.
type Failure struct {
	Code    string `json:"code"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message"`
	// Violations are those that fit into the message's attributes.
	Violations []eeclient.FieldViolation `json:"violations,omitempty"`
	// Operation is the one that was started nevertheless; "" if there is none.
	Operation string `json:"operation,omitempty"`
	// DeliveryAttempt is how often the request was delivered; 0 if unknown.
	DeliveryAttempt int `json:"deliveryAttempt,omitempty"`
	// MayHaveStarted is set if an earlier attempt may have started an export.
	MayHaveStarted bool `json:"mayHaveStarted,omitempty"`
}

// DeadLetter is what Pub/Sub says about a message that it gave up
// (https://cloud.google.com/pubsub/docs/handling-failures#how_do_i_access_dead-lettered_messages).
type DeadLetter struct {
	// Subscription is projects/*/subscriptions/*.
	Subscription string `json:"subscription"`
	// Deliveries is how often it was delivered.
	Deliveries int `json:"deliveries"`
	// FirstPublished is when it was published to the subscription's topic; ""
	// if that is unknown.
	FirstPublished string `json:"firstPublished,omitempty"`
}

// deadLetterPrefix is the prefix of the attributes that Pub/Sub adds to a dead
// letter.
const deadLetterPrefix = "CloudPubSubDeadLetterSource"

// ofFailure are the attributes that the function adds to a failed request, except
// requestId, which the request keeps.
var ofFailure = map[string]bool{
	"code": true, "reason": true, "message": true, "violations": true,
	"operation": true, "deliveryAttempt": true, "mayHaveStarted": true,
}

// newRecord reads a message. In a dead letter it trusts only Pub/Sub's attributes:
// the sender of the request chose all others.
func newRecord(m *pubsubpb.PubsubMessage) *Record {
	a := m.GetAttributes()
	r := &Record{ID: m.GetMessageId(), Published: m.GetPublishTime().AsTime(), Bytes: len(m.GetData()), RequestID: a[message.AttributeRequestID]}
	if r.DeadLetter = deadLetter(a); r.DeadLetter != nil {
		// A letter of a subscription on a topic of eeexport's own messages.
		r.Foreign = strings.HasPrefix(a["ce-type"], "eeexport.")
	} else if a["ce-type"] == message.TypeRequestFailed {
		r.Failure = &Failure{Code: a["code"], Reason: a["reason"], Message: a["message"], Operation: a["operation"], MayHaveStarted: a["mayHaveStarted"] == "true"}
		// A value that cannot be read is left out.
		r.Failure.DeliveryAttempt, _ = strconv.Atoi(a["deliveryAttempt"])
		_ = json.Unmarshal([]byte(a["violations"]), &r.Failure.Violations)
	} else {
		r.Foreign = true
	}
	r.Warning = r.warning(m.GetData())
	if id := r.RequestID; !r.Foreign && id != "" && !requestid.AllowedInAttribute(id) && !hasOwnID(m.GetData()) {
		r.Error = "its request ID " + id + " comes from headers that a message does not have: send it to ExportClassifier with the same headers"
	}
	return r
}

func deadLetter(a map[string]string) *DeadLetter {
	deliveries, err := strconv.Atoi(a[deadLetterPrefix+"DeliveryCount"])
	project, subscription := a[deadLetterPrefix+"SubscriptionProject"], a[deadLetterPrefix+"Subscription"]
	if err != nil || project == "" || subscription == "" {
		return nil
	}
	return &DeadLetter{"projects/" + project + "/subscriptions/" + subscription, deliveries, a[deadLetterPrefix+"TopicPublishTime"]}
}

// warning describes whether an export may have started already, and what
// follows.
func (r *Record) warning(body []byte) string {
	duplicate := r.Failure != nil && r.Failure.Reason == "DUPLICATE_REQUEST"
	if r.Foreign || r.Failure != nil && !r.Failure.MayHaveStarted && !duplicate {
		return ""
	}
	switch {
	case duplicate:
		return "its export has started, but its Operation could not be found: look for it with 'eeexport list'"
	case r.RequestID == "" && !hasOwnID(body):
		return "its export may have started, and nothing identifies it: look for it with 'eeexport list', or a second one may start"
	case r.Failure != nil:
		return "its export may have started; the same request ID does not start a second one"
	}
	return ""
}

// hasOwnID reports whether the body of a request holds a requestId.
func hasOwnID(body []byte) bool {
	var request struct {
		RequestID string `json:"requestId"`
		SnakeCase string `json:"request_id"`
	}
	return json.Unmarshal(body, &request) == nil && request.RequestID+request.SnakeCase != ""
}

// again returns the message to publish: the same data, and the attributes that
// the request came with. It keeps its request ID and the time that its
// placeholders stand for.
func again(m *pubsubpb.PubsubMessage, r *Record) *pubsubpb.PubsubMessage {
	attributes := map[string]string{}
	first := ""
	for name, value := range m.GetAttributes() {
		switch {
		case r.DeadLetter != nil && strings.HasPrefix(name, deadLetterPrefix):
		case r.Failure != nil && (strings.HasPrefix(name, "ce-") || ofFailure[name]):
		default:
			attributes[name] = value
		}
	}
	if r.DeadLetter != nil {
		first = r.DeadLetter.FirstPublished
	} else {
		// The time of the failure is nearer to its schedule than now.
		first = m.GetAttributes()["ce-time"]
	}
	if _, known := attributes[message.AttributeFirstPublishTime]; !known && first != "" {
		attributes[message.AttributeFirstPublishTime] = first
	}
	return &pubsubpb.PubsubMessage{Data: m.GetData(), Attributes: attributes, OrderingKey: m.GetOrderingKey()}
}

// Again returns the message that publishes a failed request again; nil if m is not
// a failed request.
func Again(m *pubsubpb.PubsubMessage) *pubsubpb.PubsubMessage {
	r := newRecord(m)
	if r.Foreign {
		return nil
	}
	return again(m, r)
}
