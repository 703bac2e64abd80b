package redrive

import (
	"cmp"
	"maps"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/handler/message"
)

// with returns attributes with some changed; "" removes one.
func with(attributes map[string]string, pairs ...string) map[string]string {
	attributes = maps.Clone(attributes)
	for i := 0; i < len(pairs); i += 2 {
		attributes[pairs[i]] = pairs[i+1]
		if pairs[i+1] == "" {
			delete(attributes, pairs[i])
		}
	}
	return attributes
}

// The attributes of a failed request, as the function and as Pub/Sub write them.
var (
	failed = map[string]string{
		"ce-type": message.TypeRequestFailed, "ce-id": "id-1/failed", "ce-time": "2026-11-23T09:00:00Z",
		"code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST", "message": "description: must be a string",
		"violations": `[{"field":"description","description":"must be a string"}]`, "requestId": "id-1", "sender": "nightly",
	}
	dead = map[string]string{
		"CloudPubSubDeadLetterSourceDeliveryCount": "5", "CloudPubSubDeadLetterSourceSubscription": "requests",
		"CloudPubSubDeadLetterSourceSubscriptionProject": "my-project", "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-11-23T08:00:00Z",
		"sender": "nightly",
	}
)

const (
	unidentified = "its export may have started, and nothing identifies it: look for it with 'eeexport list', or a second one may start"
	sameID       = "its export may have started; the same request ID does not start a second one"
	untold       = "its export has started, but its Operation could not be found: look for it with 'eeexport list'"
)

func TestNewRecord(t *testing.T) {
	for _, tc := range []struct {
		name       string
		attributes map[string]string
		body       string // {} if empty
		failure    bool
		deadLetter bool
		foreign    bool
		warning    string
		refused    bool
	}{
		{name: "a failure that has started nothing", attributes: failed, failure: true},
		{name: "one that may have started its export keeps its request ID", attributes: with(failed, "mayHaveStarted", "true"), failure: true, warning: sameID},
		{name: "without a request ID it may start another", attributes: with(failed, "mayHaveStarted", "true", "requestId", ""), failure: true, warning: unidentified},
		{name: "unless its body has one", attributes: with(failed, "mayHaveStarted", "true", "requestId", ""), body: `{"requestId":"mine"}`, failure: true, warning: sameID},
		{name: "one whose Operation could not be found", attributes: with(failed, "reason", "DUPLICATE_REQUEST"), failure: true, warning: untold},
		{name: "a dead letter may have started its export", attributes: dead, deadLetter: true, warning: unidentified},
		{name: "with a requestId in its body it starts no second one", attributes: dead, body: `{"requestId":"mine"}`, deadLetter: true},
		{name: "nor if it was published again with one", attributes: with(dead, "requestId", "eeexport-event-1"), deadLetter: true},
		{name: "one whose ID comes from headers would be refused", attributes: with(failed, "requestId", "eeexport-task-1"), failure: true, refused: true},
		{name: "unless its body has another", attributes: with(failed, "requestId", "eeexport-task-1"), body: `{"requestId":"mine"}`, failure: true},
		{name: "a sender cannot make a dead letter look like a failure", attributes: with(dead, "ce-type", message.TypeRequestFailed, "reason", "INVALID_REQUEST", "message", "all is well"), deadLetter: true, foreign: true},
		{name: "a dead letter of eeexport's own messages is not a request", attributes: with(dead, "ce-type", message.TypeSucceeded), deadLetter: true, foreign: true},
		{name: "a message with some of Pub/Sub's attributes is not a dead letter", attributes: with(dead, "CloudPubSubDeadLetterSourceDeliveryCount", ""), foreign: true},
		{name: "nor one with a count that is not a number", attributes: with(dead, "CloudPubSubDeadLetterSourceDeliveryCount", "many"), foreign: true},
		{name: "any other message is not a failed request", attributes: map[string]string{"sender": "nightly"}, foreign: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRecord(&pubsubpb.PubsubMessage{Data: []byte(cmp.Or(tc.body, "{}")), Attributes: tc.attributes})
			if (r.Failure != nil) != tc.failure || (r.DeadLetter != nil) != tc.deadLetter || r.Foreign != tc.foreign || r.Warning != tc.warning {
				t.Errorf("failure %v, dead letter %v, foreign %v, warning %q", r.Failure, r.DeadLetter, r.Foreign, r.Warning)
			}
			if (r.Error != "") != tc.refused {
				t.Errorf("error %q", r.Error)
			}
			if tc.failure && len(r.Failure.Violations) != 1 {
				t.Errorf("%d violations", len(r.Failure.Violations))
			}
		})
	}
}

func TestAgain(t *testing.T) {
	for _, tc := range []struct {
		name             string
		attributes, want map[string]string
	}{
		{"a failure keeps its sender's attributes, its ID and about its time", with(failed, "mayHaveStarted", "true", "deliveryAttempt", "7", "operation", "projects/p/operations/o", "traceparent", "00-1"),
			map[string]string{"requestId": "id-1", "firstPublishTime": "2026-11-23T09:00:00Z", "sender": "nightly", "traceparent": "00-1"}},
		{"a dead letter has the time of its first delivery", dead,
			map[string]string{"firstPublishTime": "2026-11-23T08:00:00Z", "sender": "nightly"}},
		{"or keeps that of an earlier one", with(dead, "firstPublishTime", "2026-11-20T08:00:00Z", "requestId", "eeexport-event-1"),
			map[string]string{"firstPublishTime": "2026-11-20T08:00:00Z", "requestId": "eeexport-event-1", "sender": "nightly"}},
		{"and its sender's attributes, whatever their names", with(dead, "code", "7", "ce-subject", "x"),
			map[string]string{"firstPublishTime": "2026-11-23T08:00:00Z", "sender": "nightly", "code": "7", "ce-subject": "x"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &pubsubpb.PubsubMessage{Data: []byte("{}"), Attributes: tc.attributes, OrderingKey: "k"}
			got := again(m, newRecord(m))
			if !maps.Equal(got.Attributes, tc.want) || string(got.Data) != "{}" || got.OrderingKey != "k" {
				t.Errorf("%v", got)
			}
		})
	}
}
