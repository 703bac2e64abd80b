package local

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
)

// MessagePublished is the type of the event that carries a Pub/Sub message.
const MessagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// Message is a Pub/Sub message as Eventarc delivers it: a CloudEvent in binary
// mode (https://cloud.google.com/eventarc/docs/cloudevents#http-request) whose
// data is the envelope of a push
// (https://cloud.google.com/pubsub/docs/push#receive_push).
type Message struct {
	// ID is the message's and the event's.
	ID string
	// Data is what was published.
	Data []byte
	// Attributes are the message's.
	Attributes map[string]string
	// PublishTime is RFC 3339; "" for a fixed time in 2026.
	PublishTime string
	// OrderingKey is left out if empty.
	OrderingKey string
	// Topic and Subscription are full names; "" is requests and eventarc of
	// my-project.
	Topic, Subscription string
	// DeliveryAttempt counts from 1. It is 0, and left out, unless the
	// subscription has a dead-letter policy.
	DeliveryAttempt int
}

// Envelope returns the event's data.
func (m Message) Envelope() []byte {
	// Pub/Sub sends the ID and the time under two names each.
	type message struct {
		Attributes       map[string]string `json:"attributes"`
		Data             []byte            `json:"data,omitempty"` // base64
		MessageID        string            `json:"messageId"`
		MessageIDSnake   string            `json:"message_id"`
		OrderingKey      string            `json:"orderingKey,omitempty"`
		PublishTime      string            `json:"publishTime"`
		PublishTimeSnake string            `json:"publish_time"`
	}
	attributes := m.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	body, err := json.Marshal(struct {
		DeliveryAttempt int     `json:"deliveryAttempt,omitempty"`
		Message         message `json:"message"`
		Subscription    string  `json:"subscription"`
	}{
		m.DeliveryAttempt,
		message{attributes, m.Data, m.ID, m.ID, m.OrderingKey, m.time(), m.time()},
		cmp.Or(m.Subscription, "projects/my-project/subscriptions/eventarc"),
	})
	if err != nil {
		panic(err) // strings and bytes always marshal
	}
	return body
}

// Headers returns the event's context attributes as HTTP headers, in pairs.
func (m Message) Headers() []string {
	return []string{
		"Content-Type", "application/json",
		"Ce-Specversion", "1.0",
		"Ce-Id", m.ID,
		"Ce-Source", "//pubsub.googleapis.com/" + cmp.Or(m.Topic, "projects/my-project/topics/requests"),
		"Ce-Type", MessagePublished,
		"Ce-Time", m.time(),
		"User-Agent", "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
	}
}

// NewRequest returns the HTTP request that delivers the message to url.
func (m Message) NewRequest(ctx context.Context, url string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(m.Envelope()))
	if err != nil {
		return nil, err
	}
	for i, headers := 0, m.Headers(); i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req, nil
}

func (m Message) time() string { return cmp.Or(m.PublishTime, "2026-11-23T08:00:00Z") }
