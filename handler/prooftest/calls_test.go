package prooftest

import "sync"

// calls is what is still to happen to the calls of one method: a fault for each,
// or nil for none. It is safe for concurrent use.
type calls[F any] struct {
	mu     sync.Mutex
	faults []*F
	rest   *F   // what happens to further calls, if there may be any
	open   bool // there may be
	off    bool // there was a call for which nothing was written
}

func (c *calls[F]) next() (f *F) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.faults) > 0:
		f, c.faults = c.faults[0], c.faults[1:]
	case c.open:
		f = c.rest
	default:
		c.off = true
	}
	return f
}

// add writes a call; f is nil if nothing goes wrong.
func (c *calls[F]) add(f *F) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, f)
}

// followed reports whether all of it has happened, and nothing else.
func (c *calls[F]) followed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.off && len(c.faults) == 0
}

func (c *calls[F]) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults, c.rest, c.open, c.off = nil, nil, false, false
}

// allow lets further calls have f happen to them.
func (c *calls[F]) allow(f *F) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest, c.open = f, true
}
