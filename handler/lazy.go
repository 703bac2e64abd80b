package handler

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// lazy is a value that is made on first use and kept. Callers that come while it
// is being made share the making. A failure is not kept: what failed may have
// been a network, so the next caller tries again.
type lazy[T any] struct {
	make func(context.Context) (*T, error)

	made  atomic.Pointer[T]
	group singleflight.Group
}

// get returns the value, or why there is none, or ctx's error if the making
// outlasts it. The making itself goes on for later callers.
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

// begin starts the making, unless it is under way, and does not wait for it.
func (l *lazy[T]) begin(ctx context.Context) <-chan singleflight.Result {
	if v := l.made.Load(); v != nil {
		made := make(chan singleflight.Result, 1)
		made <- singleflight.Result{Val: v}
		return made
	}
	return l.group.DoChan("", func() (v any, err error) {
		// A panic here is nobody's request and would end the process.
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		if v := l.made.Load(); v != nil { // while this caller came
			return v, nil
		}
		made, err := l.make(context.WithoutCancel(ctx))
		if err == nil {
			l.made.Store(made)
		}
		return made, err
	})
}
