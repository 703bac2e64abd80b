package handler

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// lazy is a value that is made on first use and kept. Callers that arrive while
// it is being made share the result. An error is not kept, since the network
// may have failed: the next caller retries.
type lazy[T any] struct {
	make func(context.Context) (*T, error)

	made  atomic.Pointer[T]
	group singleflight.Group
}

// get returns the value, or the error of making it. It returns early when ctx is
// done; the value is still made, for later callers.
func (l *lazy[T]) get(ctx context.Context) (*T, error) {
	if v := l.made.Load(); v != nil {
		return v, nil
	}
	select {
	case r := <-l.begin(ctx):
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*T), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin starts making the value, unless that is in progress, and does not wait.
func (l *lazy[T]) begin(ctx context.Context) <-chan singleflight.Result {
	if v := l.made.Load(); v != nil {
		made := make(chan singleflight.Result, 1)
		made <- singleflight.Result{Val: v}
		return made
	}
	return l.group.DoChan("", func() (v any, err error) {
		// No guard catches a panic in this goroutine, so it would end the
		// process.
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		if v := l.made.Load(); v != nil { // since get looked
			return v, nil
		}
		made, err := l.make(context.WithoutCancel(ctx))
		if err == nil {
			l.made.Store(made)
		}
		return made, err
	})
}
