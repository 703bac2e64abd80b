package local_test

import (
	"testing"

	"example.com/eeexport/handler/local"
)

func TestEnvelope(t *testing.T) {
	for _, tc := range []struct {
		name    string
		message local.Message
		want    string
	}{
		{"a message of a subscription without a dead-letter policy", local.Message{ID: "7", Data: []byte("hi")},
			`{"message":{"attributes":{},"data":"aGk=","messageId":"7","message_id":"7",` +
				`"publishTime":"2026-11-23T08:00:00Z","publish_time":"2026-11-23T08:00:00Z"},"subscription":"projects/my-project/subscriptions/eventarc"}`},
		{"a message with everything", local.Message{ID: "8", Attributes: map[string]string{"a": "b"}, PublishTime: "2026-01-02T03:04:05Z",
			OrderingKey: "k", Subscription: "projects/p/subscriptions/s", DeliveryAttempt: 3},
			`{"deliveryAttempt":3,"message":{"attributes":{"a":"b"},"messageId":"8","message_id":"8","orderingKey":"k",` +
				`"publishTime":"2026-01-02T03:04:05Z","publish_time":"2026-01-02T03:04:05Z"},"subscription":"projects/p/subscriptions/s"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := string(tc.message.Envelope()); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}
