package stack

import (
	"io"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
)

func TestEventIsWhatEventarcSends(t *testing.T) {
	m := &pubsub.Message{ID: "m7", Data: []byte("{}"), Attributes: map[string]string{"k": "v"},
		PublishTime: time.Date(2026, 11, 23, 8, 0, 0, 5e8, time.UTC)}
	r, err := newEvent(t.Context(), "http://127.0.0.1:1", "projects/p/topics/requests", "projects/p/subscriptions/s", m)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Ce-Id":          "m7",
		"Ce-Source":      "//pubsub.googleapis.com/projects/p/topics/requests",
		"Ce-Type":        "google.cloud.pubsub.topic.v1.messagePublished",
		"Ce-Specversion": "1.0",
		"Ce-Time":        "2026-11-23T08:00:00.5Z",
		"Content-Type":   "application/json",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	body, _ := io.ReadAll(r.Body)
	const want = `{"message":{"attributes":{"k":"v"},"data":"e30=","messageId":"m7","message_id":"m7",` +
		`"publishTime":"2026-11-23T08:00:00.5Z","publish_time":"2026-11-23T08:00:00.5Z"},"subscription":"projects/p/subscriptions/s"}`
	if string(body) != want {
		t.Errorf("body %s", body)
	}
}
