package eetest

import (
	"sync"
	"time"
)

// Clock is the time that Operations follow. A test moves it; the nil Clock is the
// system's. Several Servers may share a Clock, and several goroutines may use it.
//
// Quotas, latency and the lifetime of tokens are measured in real time, as the
// callers measure it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a Clock that shows start and stands still until Advance.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now returns the time that the Clock shows, in UTC and whole microseconds, as
// timestamps on the wire have.
func (c *Clock) Now() time.Time {
	now := time.Now()
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		now = c.now
	}
	return now.UTC().Truncate(time.Microsecond)
}

// Advance moves the Clock forward by d. It panics if d is negative, because
// Operations do not go back.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic("eetest: a clock cannot be moved back")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
