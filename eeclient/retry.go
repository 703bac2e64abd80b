package eeclient

import (
	"context"
	"errors"
	"time"

	"github.com/googleapis/gax-go/v2"
)

// Retry says when a call is tried again: on 429, on 5xx, and on a connection
// that breaks, if the call is idempotent. An export is, when it carries a
// request ID.
type Retry struct {
	// Attempts is how often a call is made at most; 1 for never again.
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

// retryer is one call's [gax.Retryer].
type retryer struct {
	policy  Retry
	backoff gax.Backoff
	ctx     context.Context
	left    int
}

func (r Retry) retryer(ctx context.Context) *retryer {
	return &retryer{
		policy:  r,
		backoff: gax.Backoff{Initial: r.Initial, Max: r.Max, Multiplier: r.Multiplier},
		ctx:     ctx,
		left:    r.Attempts - 1,
	}
}

// Retry tells whether another attempt can help, and after what pause. A pause
// that would outlast the caller's deadline is not begun: the caller learns the
// fault itself, and has time left to act on it.
func (r *retryer) Retry(err error) (time.Duration, bool) {
	var fault *Error
	if r.left <= 0 || !errors.As(err, &fault) || !fault.soon || fault.RetryAfter > r.policy.MaxRetryAfter {
		return 0, false
	}
	r.left--
	pause := max(r.backoff.Pause(), fault.RetryAfter)
	if deadline, ok := r.ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return 0, false
	}
	return pause, true
}
