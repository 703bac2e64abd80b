package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// pullSize is how many messages are taken at a time: each can have 10 MB.
	pullSize = 50
	// pullPatience is how long to wait for a message before there is none.
	pullPatience = 2 * time.Second
	// defaultLease is for how long messages are kept from others at a time. It is
	// what passes until they come again if this process is killed.
	defaultLease = time.Minute
	// callPatience bounds every other call to Pub/Sub, its retries included.
	callPatience = 15 * time.Second
	// partSize is how many messages one call names, to stay below Pub/Sub's 512
	// KB (https://cloud.google.com/pubsub/quotas#resource_limits).
	partSize = 1000
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
	client, err := pubsub.NewSubscriptionAdminClient(ctx)
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
			// Where that fails the messages may come to somebody else, as after
			// any other fault: nothing is lost by it.
			_ = q.extend(renewing, q.holding(), lease)
		}
	}()
	return q, nil
}

// pull takes up to n messages, and returns them oldest first. None means that
// there are none.
func (q *queue) pull(ctx context.Context, n int) ([]*pubsubpb.ReceivedMessage, error) {
	pulling, cancel := context.WithTimeout(ctx, pullPatience)
	defer cancel()
	// Without retries: they would last until the timeout, and an unavailable
	// Pub/Sub would look like an empty subscription.
	answer, err := q.client.Pull(pulling, &pubsubpb.PullRequest{Subscription: q.name, MaxMessages: int32(min(n, pullSize))},
		gax.WithRetry(func() gax.Retryer { return nil }))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case status.Code(err) == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	case err != nil:
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

// acknowledge is done with a message.
func (q *queue) acknowledge(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	err := q.client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: q.name, AckIds: []string{id}})
	if err == nil {
		q.mu.Lock()
		q.held = slices.DeleteFunc(q.held, func(held string) bool { return held == id })
		q.mu.Unlock()
	}
	return err
}

// giveBack makes everything that is held available to others at once.
func (q *queue) giveBack(ctx context.Context) error {
	q.stop() // or else a renewal could come after this
	return q.extend(ctx, q.holding(), 0)
}

// extend sets how long from now messages are kept from others.
func (q *queue) extend(ctx context.Context, ids []string, by time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	var errs []error
	for part := range slices.Chunk(ids, partSize) {
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

// topic is where failed requests are published.
type topic struct {
	client *pubsub.TopicAdminClient
	name   string // projects/*/topics/*
}

func openTopic(ctx context.Context, name string) (*topic, error) {
	client, err := pubsub.NewTopicAdminClient(ctx)
	return &topic{client, name}, err
}

// publish returns the message's ID once Pub/Sub has it.
func (t *topic) publish(ctx context.Context, m *pubsubpb.PubsubMessage) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	answer, err := t.client.Publish(ctx, &pubsubpb.PublishRequest{Topic: t.name, Messages: []*pubsubpb.PubsubMessage{m}})
	if err != nil {
		return "", err
	}
	return answer.GetMessageIds()[0], nil
}

func (t *topic) close() { t.client.Close() }
