package watch

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
)

const (
	// pullSize is how many messages one call asks for; Pub/Sub allows no more.
	pullSize = 1000
	// pullTimeout bounds one call, which Pub/Sub answers at once.
	pullTimeout = 5 * time.Second
	// emptyPulls is how many calls in a row bring nothing new before a tick stops
	// pulling: an empty answer does not mean an empty subscription
	// (https://cloud.google.com/pubsub/docs/pull).
	emptyPulls = 2
	// maxPending bounds the Operations of one tick. It is more than three
	// accounts can have in Earth Engine's queue.
	maxPending = 10_000
	// foreignLease is how long a message that is not ours is hidden; Pub/Sub
	// allows no more.
	foreignLease = 10 * time.Minute
)

// take pulls what is on the subscription, and leases it so that other ticks do not
// see it until this one ends.
func (t *tick) take(ctx context.Context) {
	ctx, cancel := context.WithDeadline(ctx, t.times.pull)
	defer cancel()
	received, err := t.firstPull(ctx)
	for empty := 0; err == nil; received, err = t.pull(ctx) {
		if t.keep(ctx, received) {
			empty = 0
		} else if empty++; empty == emptyPulls {
			return
		}
		if len(t.operations)+len(t.foreign) >= maxPending {
			return
		}
	}
	t.failedPulls++
	t.note(t.Pending.Name, fmt.Errorf("pull: %w", err))
}

// firstPull retries transient errors until ctx is done: an idle connection may
// have died since the last tick.
func (t *tick) firstPull(ctx context.Context) ([]*pubsubpb.ReceivedMessage, error) {
	retry := gax.OnCodes([]codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Unknown, codes.Aborted, codes.Internal},
		gax.Backoff{Initial: time.Second, Max: 5 * time.Second})
	for {
		received, err := t.pull(ctx)
		if err == nil {
			return received, nil
		}
		pause, again := retry.Retry(err)
		if !again || gax.Sleep(ctx, pause) != nil {
			return nil, err
		}
	}
}

// pull makes one call.
func (t *tick) pull(ctx context.Context) ([]*pubsubpb.ReceivedMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	return t.Pending.Pull(ctx, pullSize)
}

// keep adds messages to the tick, and reports whether any is new.
func (t *tick) keep(ctx context.Context, received []*pubsubpb.ReceivedMessage) (more bool) {
	var ours, foreign []string
	for _, m := range received {
		started := m.GetMessage()
		name := started.GetAttributes()["operation"]
		if started.GetAttributes()["ce-type"] != message.TypeStarted || !resource.IsOperation(name) {
			more = more || !t.foreign[started.GetMessageId()]
			t.foreign[started.GetMessageId()] = true
			foreign = append(foreign, m.GetAckId())
			continue
		}
		o := t.operations[name]
		if o == nil {
			o = &operation{name: name, started: started}
			t.operations[name] = o
			more = true
		}
		o.ackIDs = append(o.ackIDs, m.GetAckId())
		ours = append(ours, m.GetAckId())
	}
	// If these fail, the leases end early, and another tick may do the same work.
	_ = t.Pending.Lease(ctx, ours, time.Until(t.times.end))
	_ = t.Pending.Lease(ctx, foreign, foreignLease)
	return more
}

// giveBack makes what is still pending available to later ticks.
func (t *tick) giveBack(ctx context.Context) {
	var ids []string
	for _, o := range t.operations {
		if !o.acknowledged {
			ids = append(ids, o.ackIDs...)
		}
	}
	_ = t.Pending.Lease(ctx, ids, 0) // if it fails, they come again when their lease ends
}
