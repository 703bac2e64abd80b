// Package redrive publishes failed requests again. It takes them from a
// subscription on the failures topic or on a dead-letter topic, publishes each to
// the requests topic, and acknowledges it only then. A request keeps its request
// ID, so one whose export has started starts no second one.
package redrive

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"

	"example.com/eeexport/handler/message"
)

// Config is one run.
type Config struct {
	// Subscription is where failed requests are: projects/*/subscriptions/*.
	Subscription string
	// Topic is where they are published: projects/*/topics/*.
	Topic string
	// DryRun publishes nothing and gives everything back.
	DryRun bool
	// Limit is the largest number to take; 0 for all.
	Limit int
	// Settle is how long the subscription must return nothing to count as empty.
	Settle time.Duration
	// Report is called with each message that was taken.
	Report func(*Record)
}

// Summary counts the messages of a run.
type Summary struct {
	// Taken counts all except those that are newer than the run.
	Taken int
	// Published counts those that are on the topic.
	Published int
	// Unpublished counts those that Pub/Sub did not accept.
	Unpublished int
	// Foreign counts those that are not failed requests.
	Foreign int
	// Newer counts those that were published after the run began: they may be
	// requests of this run that failed again.
	Newer int
}

// maxFailures is how many messages in a row may fail to be published. Then the
// topic is at fault, and others would fail too.
const maxFailures = 3

// runner is the state of a run.
type runner struct {
	Config
	queue   *queue
	topic   *message.Publisher
	begin   time.Time
	done    map[string]bool // by message ID: whether it is published
	summary Summary
	failed  int // to publish, in a row
}

// Run continues until the subscription is empty, and gives back what is left. It
// returns a summary even with an error. When ctx is done, it finishes the current
// message.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	queue, err := openQueue(ctx, cfg.Subscription)
	if err != nil {
		return Summary{}, err
	}
	defer queue.close()
	topic, err := message.NewPublisher(ctx, "")
	if err != nil {
		return Summary{}, err
	}
	defer topic.Close()
	r := &runner{Config: cfg, queue: queue, topic: topic, begin: time.Now(), done: map[string]bool{}}
	err = r.drain(ctx)
	if backErr := queue.giveBack(context.WithoutCancel(ctx)); backErr != nil {
		err = errors.Join(err, fmt.Errorf("the remaining messages could not be given back, and are delivered again in %v: %w", Lease, backErr))
	}
	return r.summary, err
}

func (r *runner) drain(ctx context.Context) error {
	idle := idle{settle: r.Settle, since: r.begin}
	for {
		left := math.MaxInt32
		if r.Limit > 0 {
			left = r.Limit - r.summary.Taken
		}
		if left <= 0 {
			return nil
		}
		received, err := r.queue.pull(ctx, left)
		if err != nil {
			return fmt.Errorf("pull from %s: %w", r.Subscription, err)
		}
		if idle.pulled(len(received), time.Now()) {
			return nil
		}
		if len(received) == 0 {
			if err := gax.Sleep(ctx, idle.pause()); err != nil {
				return err
			}
		}
		for _, m := range received {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.take(context.WithoutCancel(ctx), m); err != nil {
				return err
			}
		}
	}
}

// take handles one message.
func (r *runner) take(ctx context.Context, m *pubsubpb.ReceivedMessage) error {
	id := m.GetMessage().GetMessageId()
	if published, seen := r.done[id]; seen {
		// Delivery is at least once.
		if published {
			return r.queue.acknowledge(ctx, m.AckId)
		}
		return nil
	}
	r.done[id] = false
	record := newRecord(m.GetMessage())
	if record.Published.After(r.begin) {
		r.summary.Newer++
		return nil
	}
	r.summary.Taken++
	err := r.publish(ctx, m, record)
	r.Report(record)
	return err
}

// publish publishes a failed request and acknowledges it, unless this is a dry run.
func (r *runner) publish(ctx context.Context, m *pubsubpb.ReceivedMessage, record *Record) error {
	switch {
	case record.Foreign:
		r.summary.Foreign++
		return nil
	case record.Error != "":
		r.summary.Unpublished++
		return nil
	case r.DryRun:
		return nil
	}
	as, err := r.topic.Publish(ctx, r.Topic, again(m.GetMessage(), record))
	if err != nil {
		record.Error = err.Error()
		r.summary.Unpublished++
		if r.failed++; r.failed == maxFailures {
			return fmt.Errorf("gave up after %d failures in a row to publish to %s", maxFailures, r.Topic)
		}
		return nil
	}
	r.failed = 0
	r.done[record.ID] = true
	record.PublishedAs = as
	r.summary.Published++
	if err := r.queue.acknowledge(ctx, m.AckId); err != nil {
		return fmt.Errorf("message %s is published, but will be delivered again: it could not be acknowledged: %w", record.ID, err)
	}
	return nil
}
