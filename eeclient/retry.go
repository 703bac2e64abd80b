package eeclient

import (
	"context"
	"time"

	"github.com/googleapis/gax-go/v2"
)

// retry is the policy for calls that fail because of the network, a proxy, Earth
// Engine or a rate limit. The zero retry makes one attempt.
type retry struct {
	// attempts is the largest number of attempts.
	attempts int
	// initial, max and multiplier are the exponential backoff between them,
	// each pause drawn at random from 0 to the current bound.
	initial, max time.Duration
	multiplier   float64
	// maxRetryAfter is the longest Retry-After to wait for. A longer one is
	// passed on to the caller.
	maxRetryAfter time.Duration
}

// idempotentRetry is the retry of idempotent calls. It gives up within seconds:
// those who call a function retry too, and for longer.
var idempotentRetry = retry{
	attempts:      5,
	initial:       100 * time.Millisecond,
	max:           5 * time.Second,
	multiplier:    2,
	maxRetryAfter: 5 * time.Second,
}

// minAttempt is the shortest time for an attempt, unless the caller's deadline is
// nearer.
const minAttempt = time.Second

// attempts counts and paces the attempts of one call.
type attempts struct {
	retry   retry
	backoff gax.Backoff
	made    int
}

func newAttempts(r retry) *attempts {
	return &attempts{retry: r, backoff: gax.Backoff{Initial: r.initial, Max: r.max, Multiplier: r.multiplier}}
}

// bound returns a context for the next attempt. Every attempt but the last gets
// half of the time left, so that a call that hangs can be repeated.
func (a *attempts) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	a.made++
	deadline, ok := ctx.Deadline()
	if !ok || a.made >= a.retry.attempts {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(time.Until(deadline)/2, minAttempt))
}

// next returns the pause before another attempt, and reports whether to make one.
// It does not pause past the caller's deadline: the caller gets the fault itself,
// with time left to act on it.
func (a *attempts) next(ctx context.Context, fault *Error) (time.Duration, bool) {
	if a.made >= a.retry.attempts || !fault.soon || fault.RetryAfter > a.retry.maxRetryAfter {
		return 0, false
	}
	pause := max(a.backoff.Pause(), fault.RetryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return 0, false
	}
	return pause, true
}
