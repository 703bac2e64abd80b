package local

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Push delivers as a push subscription of Pub/Sub does: every message again,
// after a pause that grows, until it is acknowledged.
type Push struct {
	// Workers is how many deliveries are under way at once.
	Workers int
	// MinBackoff and MaxBackoff bound the pause before a message is delivered
	// again; each is twice the one before. Pub/Sub's own bounds are 10 s and
	// 600 s unless the subscription says otherwise.
	MinBackoff, MaxBackoff time.Duration
	// Deliver makes delivery n, counted from 1, of a message, and reports whether
	// it was acknowledged.
	Deliver func(message, n int) bool
}

// Run delivers the messages 0 to messages-1 and returns when each has been
// acknowledged, or with an error when ctx ends.
func (p Push) Run(ctx context.Context, messages int) error {
	type delivery struct{ message, n int }
	queue := make(chan delivery, messages) // has room for each message once
	for i := range messages {
		queue <- delivery{i, 1}
	}
	var left atomic.Int64
	left.Store(int64(messages))
	done := make(chan struct{})
	var workers sync.WaitGroup
	for range p.Workers {
		workers.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-ctx.Done():
					return
				case d := <-queue:
					if !p.Deliver(d.message, d.n) {
						again := delivery{d.message, d.n + 1}
						time.AfterFunc(backoff(p.MinBackoff, p.MaxBackoff, d.n), func() { queue <- again })
					} else if left.Add(-1) == 0 {
						close(done)
					}
				}
			}
		})
	}
	workers.Wait()
	if n := left.Load(); n > 0 {
		return fmt.Errorf("%d of %d messages are not acknowledged: %w", n, messages, ctx.Err())
	}
	return nil
}

// backoff returns the pause after delivery n, counted from 1.
func backoff(least, most time.Duration, n int) time.Duration {
	return min(most, least<<min(n-1, 20))
}
