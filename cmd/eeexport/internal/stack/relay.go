package stack

import (
	"context"
	"io"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/googleapis/gax-go/v2"
)

// Delivery is one attempt to deliver a message to the event function.
type Delivery struct {
	MessageID string
	// SpanID is that of this attempt, which the function's log line of it names.
	SpanID string
	// Attempt is counted from 1; 0 for one that [Stack.Redeliver] was asked for.
	Attempt int
	// Status is what the function answered; 0 where it did not, with Err.
	Status int
	Err    error
	// Body is the function's answer: Google's error body for a refusal.
	Body []byte
	// Pause is how long it takes until the next attempt; 0 where there is none.
	Pause time.Duration
	// DeadLettered tells that this was the last attempt, in vain, and that the
	// message is on the dead-letter topic.
	DeadLettered bool
}

// Acknowledged tells whether the function is done with the message.
func (d *Delivery) Acknowledged() bool { return d.Status >= 200 && d.Status <= 299 }

// maxAnswerBytes bounds what is kept of a function's answer.
const maxAnswerBytes = 1 << 20

// relay delivers a subscription's messages to the event function, as Eventarc
// does: each until it is acknowledged, after pauses that grow, and to the
// dead-letter topic when that has not helped.
type relay struct {
	subscription *pubsub.Subscriber
	topic        string // whose messages they are
	deadLetters  *pubsub.Publisher
	url          string
	client       *http.Client
	retry        Retry
	observe      func(Delivery)
}

// run delivers until ctx ends. What has not been acknowledged then stays on the
// subscription.
func (r *relay) run(ctx context.Context) error {
	return r.subscription.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		for attempt := 1; ; attempt++ {
			d := r.deliver(ctx, m, attempt)
			switch {
			case d.Acknowledged():
			case ctx.Err() != nil:
				m.Nack()
				return
			case attempt < r.retry.Attempts:
				d.Pause = r.retry.pause(attempt)
			default:
				d.DeadLettered = r.deadLetter(ctx, m, attempt)
			}
			r.observe(d)
			switch {
			case d.Acknowledged(), d.DeadLettered:
				m.Ack()
				return
			case d.Pause == 0 || gax.Sleep(ctx, d.Pause) != nil:
				m.Nack()
				return
			}
		}
	})
}

// deliver makes one attempt.
func (r *relay) deliver(ctx context.Context, m *pubsub.Message, attempt int) Delivery {
	d := Delivery{MessageID: m.ID, SpanID: newSpanID(), Attempt: attempt}
	req, err := newEvent(ctx, r.url, r.topic, r.subscription.String(), m)
	if err != nil {
		d.Err = err
		return d
	}
	setTrace(req.Header, m.Attributes, d.SpanID)
	resp, err := r.client.Do(req)
	if err != nil {
		d.Err = err
		return d
	}
	defer resp.Body.Close()
	d.Status = resp.StatusCode
	d.Body, d.Err = io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	return d
}

// deadLetter publishes the message to the dead-letter topic, with the attributes
// that Pub/Sub adds, and tells whether it is there
// (https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic).
func (r *relay) deadLetter(ctx context.Context, m *pubsub.Message, attempts int) bool {
	const prefix = "CloudPubSubDeadLetterSource"
	project, _, _ := strings.Cut(strings.TrimPrefix(r.topic, "projects/"), "/")
	attributes := maps.Clone(m.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes[prefix+"DeliveryCount"] = strconv.Itoa(attempts)
	attributes[prefix+"Subscription"] = path.Base(r.subscription.String())
	attributes[prefix+"SubscriptionProject"] = project
	attributes[prefix+"TopicPublishTime"] = m.PublishTime.UTC().Format(time.RFC3339Nano)
	_, err := r.deadLetters.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: attributes}).Get(ctx)
	return err == nil
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

// pause returns how long to wait after an attempt, counted from 1.
func (r Retry) pause(attempt int) time.Duration {
	return min(r.Initial<<min(attempt-1, 20), r.Max)
}
