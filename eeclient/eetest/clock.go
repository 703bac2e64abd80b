package eetest

import (
	"sync"
	"time"
)

// Clock is the time that Operations follow. The test moves a Clock of NewClock; a
// Clock of FastClock moves by itself. Several Servers may share a Clock, and
// several goroutines may use it.
//
// Quotas, latency and the lifetime of tokens are measured in real time, as the
// callers measure it.
type Clock struct {
	origin time.Time // when the Clock was made, in real time
	start  time.Time // what it showed then
	speed  float64   // 0 stands still

	mu       sync.Mutex
	advanced time.Duration
}

// NewClock returns a Clock that shows start and stands still until Advance.
func NewClock(start time.Time) *Clock {
	return &Clock{origin: time.Now(), start: start.UTC()}
}

// FastClock returns a Clock that shows the present and runs at speed times the
// pace of real time: at 1 it is the system's clock; at 1000 an Operation of
// five minutes ends in 0.3 s. It panics unless speed is positive.
func FastClock(speed float64) *Clock {
	if speed <= 0 {
		panic("eetest: the speed of a clock must be positive")
	}
	now := time.Now()
	return &Clock{origin: now, start: now.UTC(), speed: speed}
}

// Now returns the time that the Clock shows, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.start.Add(c.advanced)
	if c.speed != 0 {
		now = now.Add(time.Duration(c.speed * float64(time.Since(c.origin))))
	}
	// Timestamps on the wire have microseconds.
	return now.Round(0).Truncate(time.Microsecond)
}

// Advance moves the Clock forward by d. It panics if d is negative, because
// Operations do not go back.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic("eetest: a clock cannot be moved back")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advanced += d
}
