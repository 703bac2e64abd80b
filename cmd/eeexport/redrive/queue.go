package redrive

import (
	"context"
	"slices"
	"sync"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"

	"example.com/eeexport/handler/message"
)

const (
	// pullSize is how many messages one pull takes: each can have 10 MB.
	pullSize = 50
	// Lease is how long messages are hidden from others at a time. If this
	// process is killed, they come back after that.
	Lease = time.Minute
	// callTimeout bounds every call to Pub/Sub, its retries included.
	callTimeout = 15 * time.Second
)

// queue takes messages from a subscription, and hides each from others until it is
// acknowledged or given back.
type queue struct {
	message.Subscription
	stop func() // the renewal of leases

	mu   sync.Mutex
	held []string // acknowledgement IDs
}

// openQueue connects to the subscription and begins to renew what it holds.
func openQueue(ctx context.Context, name string, opts ...option.ClientOption) (*queue, error) {
	client, err := pubsub.NewSubscriptionAdminClient(ctx, append(opts, message.KeepAlive)...)
	if err != nil {
		return nil, err
	}
	q := &queue{Subscription: message.Subscription{Client: client, Name: name}}
	renewing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	q.stop = func() { cancel(); <-done }
	go func() {
		defer close(done)
		for gax.Sleep(renewing, Lease/3) == nil {
			// If this fails, others may get the messages: nothing is lost.
			_ = q.extend(renewing, q.holding(), Lease)
		}
	}()
	return q, nil
}

// pull takes up to n messages, and returns them oldest first. It does not wait
// for any.
func (q *queue) pull(ctx context.Context, n int) ([]*pubsubpb.ReceivedMessage, error) {
	pulling, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	received, err := q.Pull(pulling, min(n, pullSize))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range received {
		ids = append(ids, m.AckId)
	}
	q.mu.Lock()
	q.held = append(q.held, ids...)
	q.mu.Unlock()
	// The subscription's own deadline may be as short as 10 s. If this fails, a
	// message may come twice.
	_ = q.extend(ctx, ids, Lease)
	slices.SortFunc(received, func(a, b *pubsubpb.ReceivedMessage) int {
		return a.GetMessage().GetPublishTime().AsTime().Compare(b.GetMessage().GetPublishTime().AsTime())
	})
	return received, nil
}

// acknowledge removes a message from the subscription.
func (q *queue) acknowledge(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := q.Acknowledge(ctx, []string{id})
	if err == nil {
		q.mu.Lock()
		q.held = slices.DeleteFunc(q.held, func(held string) bool { return held == id })
		q.mu.Unlock()
	}
	return err
}

// giveBack makes everything that is held available to others.
func (q *queue) giveBack(ctx context.Context) error {
	q.stop() // so that no renewal comes after this
	return q.extend(ctx, q.holding(), 0)
}

// extend sets how long from now messages are hidden from others.
func (q *queue) extend(ctx context.Context, ids []string, by time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return q.Lease(ctx, ids, by)
}

func (q *queue) holding() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.held)
}

func (q *queue) close() {
	q.stop()
	q.Client.Close()
}
