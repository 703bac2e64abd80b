package eeclient

import (
	"context"
	"time"

	"github.com/googleapis/gax-go/v2"
)

const (
	// maxAttempts is how often an idempotent call is made; others are made once.
	// They take seconds only: whoever calls the function retries too, and for
	// longer.
	maxAttempts = 5
	// maxPause is the longest Retry-After to wait for. A longer one is passed
	// on to the caller.
	maxPause = 5 * time.Second
	// minAttempt is the shortest time for an attempt, unless the caller's deadline
	// is nearer.
	minAttempt = time.Second
)

// attempts counts and paces the attempts of one call.
type attempts struct {
	left    int
	backoff gax.Backoff
}

func newAttempts(idempotent bool) *attempts {
	a := &attempts{left: 1, backoff: gax.Backoff{Initial: 100 * time.Millisecond, Max: 5 * time.Second, Multiplier: 2}}
	if idempotent {
		a.left = maxAttempts
	}
	return a
}

// bound returns a context for the next attempt. Every attempt but the last gets
// half of the time left, so that a call that hangs can be repeated.
func (a *attempts) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	a.left--
	deadline, ok := ctx.Deadline()
	if !ok || a.left <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(time.Until(deadline)/2, minAttempt))
}

// next returns the pause before another attempt, and reports whether to make one.
// It does not pause past the caller's deadline: the caller gets the fault itself,
// with time left to act on it.
func (a *attempts) next(ctx context.Context, fault *Error) (time.Duration, bool) {
	if a.left <= 0 || !fault.soon || fault.RetryAfter > maxPause {
		return 0, false
	}
	pause := max(a.backoff.Pause(), fault.RetryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return 0, false
	}
	return pause, true
}
