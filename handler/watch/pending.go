package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
)

const (
	// pullSize is how many messages one call asks for; Pub/Sub allows no more.
	pullSize = 1000
	// pullTimeout is how long a call waits for a message where there is none.
	pullTimeout = 2 * time.Second
	// maxPending bounds what one tick takes on: more than three accounts can
	// have in Earth Engine's queue.
	maxPending = 10_000
	// foreignLease is how long a message that is not ours is left alone; Pub/Sub
	// allows no more.
	foreignLease = 10 * time.Minute
)

// pending is one message of the subscription, and what becomes of it.
type pending struct {
	ackID      string
	attributes map[string]string // of the message
	data       []byte
	published  time.Time
	operation  string // its name; "" for a message that is not ours

	found   *eeclient.Operation // what Earth Engine says of it
	missing bool                // Earth Engine does not know it
	err     error               // nothing could be learned, or published
	ended   bool                // its end has been published
}

// batch is what one tick has taken on.
type batch struct {
	messages []*pending
}

// pull takes what is on the subscription, and keeps it from other ticks for as
// long as this one may last.
func (c *Clients) pull(ctx context.Context, lease time.Duration) (*batch, error) {
	b := new(batch)
	// Half of the time is for what comes after.
	deadline := time.Now().Add(lease / 2)
	for len(b.messages) < maxPending && time.Now().Before(deadline) {
		received, err := c.pullOnce(ctx)
		if err != nil && len(b.messages) == 0 {
			return nil, err
		}
		if len(received) == 0 {
			break
		}
		for _, m := range received {
			b.messages = append(b.messages, newPending(m))
		}
		// That fails where Pub/Sub does; the worst that follows is that another
		// tick does the same work.
		_ = c.modifyAckDeadline(ctx, ackIDs(received), lease)
	}
	return b, nil
}

// pullOnce returns nothing where there is nothing.
func (c *Clients) pullOnce(ctx context.Context) ([]*pubsubpb.ReceivedMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	// Without retries: they would last until the timeout, and an unavailable
	// Pub/Sub would look like an empty subscription.
	answer, err := c.Subscriber.Pull(ctx, &pubsubpb.PullRequest{Subscription: c.Subscription, MaxMessages: pullSize},
		gax.WithRetry(func() gax.Retryer { return nil }))
	if status.Code(err) == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	return answer.GetReceivedMessages(), err
}

func newPending(m *pubsubpb.ReceivedMessage) *pending {
	attributes := m.GetMessage().GetAttributes()
	p := &pending{
		ackID:      m.GetAckId(),
		attributes: attributes,
		data:       m.GetMessage().GetData(),
		published:  m.GetMessage().GetPublishTime().AsTime(),
	}
	if attributes["ce-type"] == message.TypeStarted && resource.IsOperation(attributes["operation"]) {
		p.operation = attributes["operation"]
	}
	return p
}

// publishEnds publishes the ends of all Operations that have come to one, and
// acknowledges each only after that. The error is the last of those that left
// an Operation pending.
func (c *Clients) publishEnds(ctx context.Context, topic string, b *batch) (failed error) {
	var group sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, checkConcurrency)
	for _, p := range b.messages {
		msg := p.endMessage()
		if msg == nil {
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if _, err := c.Publisher.Publish(ctx, topic, msg); err != nil {
				p.err = err
				mu.Lock()
				failed = err
				mu.Unlock()
				return
			}
			p.ended = true
		})
	}
	group.Wait()
	// What is not acknowledged comes again, and its end is published again
	// under the same ID.
	if err := c.acknowledge(ctx, b.where(func(p *pending) bool { return p.ended })); err != nil {
		failed = err
	}
	return failed
}

// giveBack makes what is still pending available to later ticks, and leaves
// alone what is not ours.
func (c *Clients) giveBack(ctx context.Context, b *batch) {
	// Where these fail, the messages come again when their lease ends.
	_ = c.modifyAckDeadline(ctx, b.where(func(p *pending) bool { return !p.ended && p.operation != "" }), 0)
	_ = c.modifyAckDeadline(ctx, b.where(func(p *pending) bool { return p.operation == "" }), foreignLease)
}

func (c *Clients) modifyAckDeadline(ctx context.Context, ids []string, lease time.Duration) error {
	return inParts(ids, func(ids []string) error {
		return c.Subscriber.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: c.Subscription, AckIds: ids, AckDeadlineSeconds: int32(min(lease, foreignLease) / time.Second)})
	})
}

func (c *Clients) acknowledge(ctx context.Context, ids []string) error {
	return inParts(ids, func(ids []string) error {
		return c.Subscriber.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: c.Subscription, AckIds: ids})
	})
}

// inParts calls f with so many IDs at a time that a request stays below Pub/Sub's
// 512 KB (https://cloud.google.com/pubsub/quotas#resource_limits).
func inParts(ids []string, f func([]string) error) error {
	const most = 1000
	var errs []error
	for len(ids) > 0 {
		n := min(len(ids), most)
		errs = append(errs, f(ids[:n]))
		ids = ids[n:]
	}
	return errors.Join(errs...)
}

func ackIDs(messages []*pubsubpb.ReceivedMessage) []string {
	ids := make([]string, len(messages))
	for i, m := range messages {
		ids[i] = m.GetAckId()
	}
	return ids
}

// where returns the acknowledgement IDs of some messages.
func (b *batch) where(is func(*pending) bool) (ids []string) {
	for _, p := range b.messages {
		if is(p) {
			ids = append(ids, p.ackID)
		}
	}
	return ids
}

// summary counts what has become of the batch.
func (b *batch) summary(now time.Time) *Summary {
	s := &Summary{}
	var oldest time.Duration
	for _, p := range b.messages {
		switch {
		case p.operation == "":
			s.Foreign++
		case p.ended:
			switch p.end() {
			case eeclient.Succeeded:
				s.Ended.Succeeded++
			case eeclient.Cancelled:
				s.Ended.Cancelled++
			default:
				s.Ended.Failed++
			}
		default:
			s.Pending++
			if p.err != nil {
				s.Errors++
			}
			oldest = max(oldest, now.Sub(p.published))
		}
	}
	s.OldestPendingAge = fmt.Sprintf("%ds", int64(oldest/time.Second))
	return s
}
