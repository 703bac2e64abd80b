package redrive

import "time"

const (
	// Settle is how long a subscription must give nothing to count as empty.
	Settle = 30 * time.Second
	// minEmptyPulls is how many pulls in a row must give nothing.
	minEmptyPulls = 3
)

// idle decides when a subscription is empty. One empty pull is no proof: Pub/Sub
// may hold back what it has, and what a killed run had taken comes back only when
// its lease has ended. With a settle of 0 one is taken for it.
type idle struct {
	settle time.Duration
	since  time.Time // of the last message, or the beginning
	pulls  int       // without a message since then
}

// pulled notes a pull that gave n messages, and reports whether the subscription
// is empty.
func (i *idle) pulled(n int, now time.Time) bool {
	if n > 0 {
		i.since, i.pulls = now, 0
		return false
	}
	i.pulls++
	return i.settle == 0 || i.pulls >= minEmptyPulls && now.Sub(i.since) >= i.settle
}

// pause is how long to wait between two pulls that give nothing.
func (i *idle) pause() time.Duration { return i.settle / 10 }
