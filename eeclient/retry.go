package eeclient

import (
	"context"
	"time"

	"github.com/googleapis/gax-go/v2"
)

// retry says when a call is repeated: if a network, a proxy or Earth Engine
// fails, or a rate is exceeded. The zero retry is never.
type retry struct {
	// attempts is how often a call is made at most.
	attempts int
	// initial, max and multiplier are the exponential backoff between them,
	// each pause drawn at random from 0 to the current bound.
	initial, max time.Duration
	multiplier   float64
	// maxRetryAfter is the longest Retry-After that is waited for. A longer one
	// is passed on to the caller, who has more patience.
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

// minAttempt is the least time that an attempt gets, if there is as much.
const minAttempt = time.Second

// attempts are those of one call.
type attempts struct {
	retry   retry
	backoff gax.Backoff
	made    int
}

func newAttempts(r retry) *attempts {
	return &attempts{retry: r, backoff: gax.Backoff{Initial: r.initial, Max: r.max, Multiplier: r.multiplier}}
}

// bound returns a context for the next attempt. One that is not the last gets
// half of the time that is left, so that a call that hangs can be made again.
func (a *attempts) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	a.made++
	deadline, ok := ctx.Deadline()
	if !ok || a.made >= a.retry.attempts {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(time.Until(deadline)/2, minAttempt))
}

// next reports whether another attempt can succeed, and after what pause. A
// pause that would outlast the caller's deadline is not begun: the caller learns
// the fault itself, and has time left to act on it.
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
