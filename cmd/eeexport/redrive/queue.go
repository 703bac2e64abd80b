package redrive

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"

	"example.com/eeexport/handler/message"
)

const (
	// pullSize is how many messages are taken at a time: each can have 10 MB.
	pullSize = 50
	// Lease is for how long messages are kept from others at a time. If this
	// process is killed, they come again after it.
	Lease = time.Minute
	// callTimeout bounds every call to Pub/Sub, its retries included.
	callTimeout = 15 * time.Second
	// maxIDs is how many messages one call names, to stay below Pub/Sub's 512 KB
	// (https://cloud.google.com/pubsub/quotas#resource_limits).
	maxIDs = 1000
)

// queue takes messages from a subscription, and keeps every one that it has
// taken from others until it is acknowledged or given back.
type queue struct {
	client *pubsub.SubscriptionAdminClient
	name   string // projects/*/subscriptions/*
	lease  time.Duration
	stop   func() // the renewal of leases

	mu   sync.Mutex
	held []string // acknowledgement IDs
}

// openQueue connects to the subscription and begins to renew what it holds.
func openQueue(ctx context.Context, name string, lease time.Duration) (*queue, error) {
	client, err := pubsub.NewSubscriptionAdminClient(ctx, message.KeepAlive)
	if err != nil {
		return nil, err
	}
	q := &queue{client: client, name: name, lease: lease}
	renewing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	q.stop = func() { cancel(); <-done }
	go func() {
		defer close(done)
		for gax.Sleep(renewing, lease/3) == nil {
			// If that fails, others may get the messages, as after any other
			// fault: nothing is lost.
			_ = q.extend(renewing, q.holding(), lease)
		}
	}()
	return q, nil
}

// pull takes up to n messages, and returns them oldest first. It does not wait:
// that it returns none does not mean that there are none, since Pub/Sub may hold
// back what it has (https://cloud.google.com/pubsub/docs/pull).
func (q *queue) pull(ctx context.Context, n int) ([]*pubsubpb.ReceivedMessage, error) {
	pulling, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	// A call that waits cannot be told from a Pub/Sub that hangs. That this one
	// looks less hard, for which it is deprecated, the caller makes good by
	// asking again.
	answer, err := q.client.Pull(pulling, &pubsubpb.PullRequest{
		Subscription:      q.name,
		MaxMessages:       int32(min(n, pullSize)),
		ReturnImmediately: true, //lint:ignore SA1019 see above
	}, gax.WithRetry(nil)) // the library's own retries would hide the cause
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range answer.ReceivedMessages {
		ids = append(ids, m.AckId)
	}
	q.mu.Lock()
	q.held = append(q.held, ids...)
	q.mu.Unlock()
	// The subscription's own deadline may be as short as 10 s. If this fails, the
	// worst is that a message comes a second time.
	_ = q.extend(ctx, ids, q.lease)
	slices.SortFunc(answer.ReceivedMessages, func(a, b *pubsubpb.ReceivedMessage) int {
		return a.GetMessage().GetPublishTime().AsTime().Compare(b.GetMessage().GetPublishTime().AsTime())
	})
	return answer.ReceivedMessages, nil
}

// acknowledge removes a message from the subscription.
func (q *queue) acknowledge(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := q.client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: q.name, AckIds: []string{id}})
	if err == nil {
		q.mu.Lock()
		q.held = slices.DeleteFunc(q.held, func(held string) bool { return held == id })
		q.mu.Unlock()
	}
	return err
}

// giveBack makes everything that is held available to others.
func (q *queue) giveBack(ctx context.Context) error {
	q.stop() // or else a renewal could come after this
	return q.extend(ctx, q.holding(), 0)
}

// extend sets how long from now messages are kept from others.
func (q *queue) extend(ctx context.Context, ids []string, by time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var errs []error
	for part := range slices.Chunk(ids, maxIDs) {
		errs = append(errs, q.client.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: q.name, AckIds: part, AckDeadlineSeconds: int32(by / time.Second)}))
	}
	return errors.Join(errs...)
}

func (q *queue) holding() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.held)
}

func (q *queue) close() {
	q.stop()
	q.client.Close()
}
