package local

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/uuid"
	"github.com/googleapis/gax-go/v2"
)

// Delivery is one attempt to deliver a message to the event function.
type Delivery struct {
	MessageID string
	// ExecutionID is that of the [Exchange]; the function's log line names it.
	ExecutionID string
	// Attempt is counted from 1; 0 for one by [Stack.Redeliver].
	Attempt int
	// Status is what the function answered; 0 if it did not, with Err.
	Status int
	Err    error
	// Body is the function's answer: Google's error body for a refusal.
	Body []byte
	// Pause is how long it takes until the next attempt; 0 if there is none.
	Pause time.Duration
	// DeadLetterID is the message's ID on the dead-letter topic, where it was
	// moved after this attempt; "" if it was not.
	DeadLetterID string
}

// Acknowledged reports whether the function is done with the message.
func (d *Delivery) Acknowledged() bool { return d.Status >= 200 && d.Status <= 299 }

// maxAnswerBytes bounds what is kept of a function's answer.
const maxAnswerBytes = 1 << 20

// relay delivers the messages of the requests topic to the event function, as
// Eventarc does: each until it is acknowledged, after pauses that grow, and to
// the dead-letter topic when that has not helped. When the stack ends, what has
// not been acknowledged stays on the subscription.
func (s *Stack) relay() {
	retry := s.cfg.Retry
	err := s.subscriber(requestsSubscription).Receive(s.life, func(ctx context.Context, m *pubsub.Message) {
		for attempt := 1; ; attempt++ {
			d := s.deliver(ctx, m, attempt)
			switch {
			case d.Acknowledged():
			case ctx.Err() != nil:
				m.Nack()
				return
			case attempt < retry.Attempts:
				d.Pause = backoff(retry.Initial, retry.Max, attempt)
			default:
				d.DeadLetterID = s.deadLetter(m, attempt)
			}
			s.cfg.OnDelivery(d)
			switch {
			case d.Acknowledged(), d.DeadLetterID != "":
				m.Ack()
				return
			case gax.Sleep(ctx, d.Pause) != nil:
				m.Nack()
				return
			}
		}
	})
	if err != nil {
		s.fail(fmt.Errorf("the delivery of events has ended: %w", err))
	}
}

// deliver makes one attempt.
func (s *Stack) deliver(ctx context.Context, m *pubsub.Message, attempt int) Delivery {
	d := Delivery{MessageID: m.ID, ExecutionID: uuid.NewString(), Attempt: attempt}
	ps := s.PubSub
	req, err := Message{
		ID: m.ID, Data: m.Data, Attributes: m.Attributes, OrderingKey: m.OrderingKey,
		PublishTime: m.PublishTime.UTC().Format(time.RFC3339Nano),
		Topic:       ps.topicName(RequestsTopic), Subscription: ps.subscriptionName(requestsSubscription),
		DeliveryAttempt: attempt,
	}.NewRequest(ctx, s.EventURL)
	if err != nil {
		d.Err = err
		return d
	}
	req.Header.Set("Function-Execution-Id", d.ExecutionID)
	d.Status, d.Body, d.Err = answerOf(s.http.Do(req))
	return d
}

// Redeliver delivers a message of the requests topic once more, acknowledged or
// not, as Pub/Sub may do at any time.
func (s *Stack) Redeliver(ctx context.Context, messageID string) (Delivery, error) {
	m := s.PubSub.server.Message(messageID)
	if m == nil || m.Topic != s.PubSub.topicName(RequestsTopic) {
		return Delivery{}, fmt.Errorf("there is no message %s on the topic %s", messageID, RequestsTopic)
	}
	return s.deliver(ctx, &pubsub.Message{
		ID: m.ID, Data: m.Data, Attributes: m.Attributes, PublishTime: m.PublishTime, OrderingKey: m.OrderingKey,
	}, 0), nil
}

// answerOf reads a function's answer.
func answerOf(resp *http.Response, err error) (status int, body []byte, _ error) {
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	return resp.StatusCode, body, err
}

// deadLetter publishes the message to the dead-letter topic, with the attributes
// that Pub/Sub adds, and returns its ID there
// (https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic).
func (s *Stack) deadLetter(m *pubsub.Message, attempts int) string {
	const prefix = "CloudPubSubDeadLetterSource"
	attributes := maps.Clone(m.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes[prefix+"DeliveryCount"] = strconv.Itoa(attempts)
	attributes[prefix+"Subscription"] = requestsSubscription
	attributes[prefix+"SubscriptionProject"] = s.cfg.Project
	attributes[prefix+"TopicPublishTime"] = m.PublishTime.UTC().Format(time.RFC3339Nano)
	return s.PubSub.Publish(DeadLettersTopic, m.Data, attributes)
}

// Retry says how often and when a message is delivered again.
type Retry struct {
	// Attempts is how often it is delivered before it goes to the dead-letter
	// topic. Pub/Sub's own least is 5.
	Attempts int
	// Initial is the first pause; each is twice as long as the one before, up to
	// Max.
	Initial, Max time.Duration
}

// DefaultRetry has shorter pauses than Pub/Sub, for a developer who waits.
var DefaultRetry = Retry{Attempts: 5, Initial: time.Second, Max: 10 * time.Second}
