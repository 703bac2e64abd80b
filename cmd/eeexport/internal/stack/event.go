package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"cloud.google.com/go/pubsub/v2"
)

// messagePublished is the type of the event that carries a Pub/Sub message.
const messagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// messageJSON is a message in the body of an event: MessagePublishedData, with
// each name of the ID and the time that Pub/Sub sends
// (https://cloud.google.com/pubsub/docs/push#receive_push).
type messageJSON struct {
	Attributes       map[string]string `json:"attributes"`
	Data             []byte            `json:"data,omitempty"` // base64
	MessageID        string            `json:"messageId"`
	MessageIDSnake   string            `json:"message_id"`
	OrderingKey      string            `json:"orderingKey,omitempty"`
	PublishTime      string            `json:"publishTime"`
	PublishTimeSnake string            `json:"publish_time"`
}

// newEvent makes the HTTP request by which Eventarc delivers a message: a
// CloudEvent in binary mode
// (https://cloud.google.com/eventarc/docs/cloudevents#http-request).
func newEvent(ctx context.Context, url, topic, subscription string, m *pubsub.Message) (*http.Request, error) {
	published := m.PublishTime.UTC().Format(time.RFC3339Nano)
	attributes := m.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	body, err := json.Marshal(struct {
		Message      messageJSON `json:"message"`
		Subscription string      `json:"subscription"`
	}{
		messageJSON{
			Attributes:  attributes,
			Data:        m.Data,
			MessageID:   m.ID,
			OrderingKey: m.OrderingKey,
			PublishTime: published,

			MessageIDSnake:   m.ID,
			PublishTimeSnake: published,
		},
		subscription,
	})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Ce-Specversion", "1.0")
	req.Header.Set("Ce-Type", messagePublished)
	req.Header.Set("Ce-Source", "//pubsub.googleapis.com/"+topic)
	req.Header.Set("Ce-Id", m.ID)
	req.Header.Set("Ce-Time", published)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)")
	return req, nil
}
