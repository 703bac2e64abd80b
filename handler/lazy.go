package handler

import (
	"context"
	"sync"
	"sync/atomic"
)

// lazy is a value that is made on first use and kept. Callers that come while
// it is being made share the making. A failure is not kept: the next caller
// tries again, since what failed may have been a network.
type lazy[T any] struct {
	make func(context.Context) (*T, error)

	made    atomic.Pointer[T]
	mu      sync.Mutex
	pending *making[T]
}

type making[T any] struct {
	done  chan struct{}
	value *T
	err   error
}

// get returns the value, or why there is none, or ctx's error where the making
// outlasts it. The making itself goes on, for those who come later.
func (l *lazy[T]) get(ctx context.Context) (*T, error) {
	if v := l.made.Load(); v != nil {
		return v, nil
	}
	m := l.begin(ctx)
	select {
	case <-m.done:
		return m.value, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin starts the making, unless it is under way, and does not wait for it.
func (l *lazy[T]) begin(ctx context.Context) *making[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v := l.made.Load(); v != nil {
		done := make(chan struct{})
		close(done)
		return &making[T]{done: done, value: v}
	}
	if l.pending == nil {
		l.pending = &making[T]{done: make(chan struct{})}
		go l.run(context.WithoutCancel(ctx), l.pending)
	}
	return l.pending
}

func (l *lazy[T]) run(ctx context.Context, m *making[T]) {
	m.value, m.err = l.make(ctx)
	l.mu.Lock()
	if m.err == nil {
		l.made.Store(m.value)
	}
	l.pending = nil
	l.mu.Unlock()
	close(m.done)
}
