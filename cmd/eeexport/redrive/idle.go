package redrive

import "time"

const (
	// Settle is how long a subscription must return nothing to count as empty.
	Settle = 30 * time.Second
	// minEmptyPulls is how many pulls in a row must return nothing.
	minEmptyPulls = 3
)

// idle decides when a subscription is empty. One empty pull proves nothing, unless
// settle is 0: Pub/Sub may hold messages back, and those of a killed run come back
// only when their lease ends.
type idle struct {
	settle time.Duration
	since  time.Time // of the last message, or the beginning
	pulls  int       // without a message since then
}

// pulled records a pull that returned n messages, and reports whether the
// subscription is empty.
func (i *idle) pulled(n int, now time.Time) bool {
	if n > 0 {
		i.since, i.pulls = now, 0
		return false
	}
	i.pulls++
	return i.settle == 0 || i.pulls >= minEmptyPulls && now.Sub(i.since) >= i.settle
}

// pause is how long to wait after an empty pull.
func (i *idle) pause() time.Duration { return i.settle / 10 }
