package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// fate is what has become of a message in this run.
type fate int

const (
	kept      fate = iota // to be given back: shown only, or not published
	published             // on the requests topic, and so done with
)

// giveUpAfter is how many messages in a row may fail to be published before it
// must be the topic's fault: more of them would not fare better.
const giveUpAfter = 3

// redriver works through a subscription.
type redriver struct {
	queue  *queue
	topic  *topic
	out    io.Writer
	dryRun bool
	limit  int
	begin  time.Time

	seen  map[string]fate // by message ID
	count struct{ taken, published, unpublished, foreign, newer int }
	inRow int // failures to publish
}

// run takes messages until there are no more, and gives back what is left.
func (r *redriver) run(ctx context.Context) error {
	err := r.drain(ctx)
	// What was taken goes back also after Ctrl-C.
	if backErr := r.queue.giveBack(context.WithoutCancel(ctx)); backErr != nil && err == nil {
		err = fmt.Errorf("give back what is left, which comes again by itself in %v: %w", r.queue.lease, backErr)
	}
	r.summarize()
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(r.out, "interrupted: what was not published is on the subscription still")
		return reported(exitInterrupted)
	case err != nil:
		return err
	case r.count.unpublished+r.count.foreign > 0:
		return reported(exitFailed)
	}
	return nil
}

func (r *redriver) drain(ctx context.Context) error {
	for {
		left := math.MaxInt32
		if r.limit > 0 {
			left = r.limit - r.count.taken
		}
		if left <= 0 {
			return nil
		}
		received, err := r.queue.pull(ctx, left)
		if err != nil {
			return fmt.Errorf("pull from %s: %w", r.queue.name, err)
		}
		if len(received) == 0 {
			return nil
		}
		for _, m := range received {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// One that has been begun is finished: published is acknowledged.
			if err := r.take(context.WithoutCancel(ctx), m); err != nil {
				return err
			}
		}
	}
}

// take works on one message.
func (r *redriver) take(ctx context.Context, m *pubsubpb.ReceivedMessage) error {
	request := failedRequest{m.GetMessage()}
	switch before, ok := r.seen[request.MessageId]; {
	case ok && before == published:
		// Delivery is at least once, but it is published already.
		return r.queue.acknowledge(ctx, m.AckId)
	case ok:
		return nil
	case request.PublishTime.AsTime().After(r.begin):
		// It may be one of those that this run has published, failed again.
		r.seen[request.MessageId] = kept
		r.count.newer++
		return nil
	}
	r.seen[request.MessageId] = kept
	r.count.taken++
	request.print(r.out)
	switch {
	case request.foreign():
		r.count.foreign++
		return nil
	case r.dryRun:
		return nil
	}
	id, err := r.topic.publish(ctx, request.again())
	if err != nil {
		r.count.unpublished++
		fmt.Fprintf(r.out, "  not published: %v\n", err)
		if r.inRow++; r.inRow == giveUpAfter {
			return fmt.Errorf("gave up after %d failures in a row to publish to %s", giveUpAfter, r.topic.name)
		}
		return nil
	}
	r.inRow = 0
	r.seen[request.MessageId] = published
	r.count.published++
	fmt.Fprintf(r.out, "  published as message %s\n", id)
	if err := r.queue.acknowledge(ctx, m.AckId); err != nil {
		return fmt.Errorf("message %s is published, but will come again: it could not be acknowledged: %w", request.MessageId, err)
	}
	return nil
}

func (r *redriver) summarize() {
	c := &r.count
	switch {
	case r.dryRun:
		fmt.Fprintf(r.out, "%s to publish to %s; nothing was changed\n", plural(c.taken-c.foreign, "request"), r.topic.name)
	default:
		fmt.Fprintf(r.out, "%s published to %s\n", plural(c.published, "request"), r.topic.name)
	}
	for _, left := range []struct {
		n   int
		why string
	}{
		{c.unpublished, "could not be published"},
		{c.foreign, "no failed request"},
		{c.newer, "published since this began"},
	} {
		if left.n > 0 {
			fmt.Fprintf(r.out, "%s left on the subscription: %s\n", plural(left.n, "message"), left.why)
		}
	}
}
