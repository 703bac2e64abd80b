package eeclient

import (
	"context"
	"time"

	"github.com/googleapis/gax-go/v2"
)

// Retry says when a call is tried again: if a network, a proxy or Earth Engine
// fails, or a rate is exceeded, and the call is idempotent. An export is, if it
// carries a request ID.
type Retry struct {
	// Attempts is how often a call is made at most; 1 or less for never again.
	Attempts int
	// Initial, Max and Multiplier are the exponential backoff between them,
	// each pause drawn at random from 0 to the current bound.
	Initial, Max time.Duration
	Multiplier   float64
	// MaxRetryAfter is the longest Retry-After that is waited for. A longer one
	// is passed on to the caller, who has more patience.
	MaxRetryAfter time.Duration
}

// DefaultRetry gives up within a few seconds: those who call a function retry
// too, and for longer.
var DefaultRetry = Retry{
	Attempts:      5,
	Initial:       100 * time.Millisecond,
	Max:           5 * time.Second,
	Multiplier:    2,
	MaxRetryAfter: 5 * time.Second,
}

// minAttempt is the least time that an attempt gets, if there is as much.
const minAttempt = 5 * time.Second

// attempts counts the attempts of one call.
type attempts struct {
	policy  Retry
	backoff gax.Backoff
	made    int
}

func (r Retry) attempts() *attempts {
	return &attempts{policy: r, backoff: gax.Backoff{Initial: r.Initial, Max: r.Max, Multiplier: r.Multiplier}}
}

// bound returns a context for the next attempt. One that is not the last gets
// half of the time that is left, so that a call that hangs can be made again.
func (a *attempts) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	a.made++
	deadline, ok := ctx.Deadline()
	if !ok || a.made >= a.policy.Attempts {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(time.Until(deadline)/2, minAttempt))
}

// next reports whether another attempt can succeed, and after what pause. A
// pause that would outlast the caller's deadline is not begun: the caller learns
// the fault itself, and has time left to act on it.
func (a *attempts) next(ctx context.Context, fault *Error) (time.Duration, bool) {
	if a.made >= a.policy.Attempts || !fault.soon || fault.RetryAfter > a.policy.MaxRetryAfter {
		return 0, false
	}
	pause := max(a.backoff.Pause(), fault.RetryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return 0, false
	}
	return pause, true
}
