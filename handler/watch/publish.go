package watch

import (
	"context"
	"fmt"
	"time"

	"example.com/eeexport/handler/message"
)

const (
	// publishesAtOnce and acknowledgesAtOnce bound the concurrent calls to
	// Pub/Sub. There are several acknowledgements, so that one that hangs does
	// not hold up the others.
	publishesAtOnce    = 20
	acknowledgesAtOnce = 4
	// maxGroup bounds the ends that one call acknowledges.
	maxGroup = 100
)

// publishEnds publishes ends as they become known.
func (t *tick) publishEnds(ctx context.Context) {
	for o := range t.ends {
		err := guard(func() error {
			if !time.Now().Before(t.times.begin) {
				return errNoTime
			}
			end, _ := o.end()
			_, err := t.Publisher.Publish(ctx, t.CompletionsTopic, message.Ended(o.started, end, time.Now()))
			return err
		})
		if err != nil {
			t.fail(o, fmt.Errorf("publish: %w", err))
			continue
		}
		t.published <- o
	}
}

// acknowledgeEnds acknowledges ends as they are published, and in one call those
// that were published during the last one. An end whose acknowledgement is lost
// comes again, and is published again under the same ID.
func (t *tick) acknowledgeEnds(ctx context.Context) {
	for o := range t.published {
		group := t.group(o)
		err := guard(func() error {
			var ids []string
			for _, o := range group {
				ids = append(ids, o.ackIDs...)
			}
			return t.Pending.Acknowledge(ctx, ids)
		})
		for _, o := range group {
			if o.acknowledged = err == nil; err != nil {
				t.fail(o, fmt.Errorf("acknowledge: %w", err))
			}
		}
	}
}

// group returns first and all others that are published by now.
func (t *tick) group(first *operation) []*operation {
	group := []*operation{first}
	for len(group) < maxGroup {
		select {
		case o, ok := <-t.published:
			if !ok {
				return group
			}
			group = append(group, o)
		default:
			return group
		}
	}
	return group
}
