package eeclient

import "context"

// Trace is a set of hooks that run around each attempt of a call, as in
// net/http/httptrace: to count attempts, or to trace each in a span. Any hook
// may be nil.
type Trace struct {
	// Start runs before attempt n, counted from 1. The attempt is made with the
	// context that it returns.
	Start func(ctx context.Context, n int) context.Context
	// Done runs after attempt n, with its error if it failed.
	Done func(ctx context.Context, n int, err error)
}

type traceKey struct{}

// WithTrace returns a context whose calls run the hooks of t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

func traceFrom(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
