package prooftest

import (
	"net/http"
	"sync"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// script holds the faults that the calls of one delivery, or of one tick, will
// meet.
type script struct {
	exports, lists, gets calls[eetest.Fault]
	publishes, pulls     calls[handlertest.Fault]
	acks, givesBack      calls[handlertest.Fault]
}

// direct makes the script decide what happens to all calls.
func (s *script) direct(ee *eetest.Server, ps *local.PubSub) {
	ee.InjectFunc(func(r *http.Request) *eetest.Fault {
		switch eetest.MethodOf(r) {
		case eetest.ExportClassifier:
			return s.exports.next()
		case eetest.ListOperations:
			return s.lists.next()
		}
		return s.gets.next()
	})
	ps.InjectFunc(func(call any) *handlertest.Fault {
		switch r := call.(type) {
		case *pubsubpb.PublishRequest:
			return s.publishes.next()
		case *pubsubpb.PullRequest:
			return s.pulls.next()
		case *pubsubpb.AcknowledgeRequest:
			return s.acks.next()
		case *pubsubpb.ModifyAckDeadlineRequest:
			if r.AckDeadlineSeconds == 0 {
				return s.givesBack.next()
			}
		}
		return nil // a lease is extended
	})
}

// method is the calls of one method.
type method interface {
	begin()
	followed() bool
}

func (s *script) methods() []method {
	return []method{&s.exports, &s.lists, &s.gets, &s.publishes, &s.pulls, &s.acks, &s.givesBack}
}

// begin clears the script.
func (s *script) begin() {
	for _, calls := range s.methods() {
		calls.begin()
	}
}

// followed reports whether all of it has happened, and nothing else.
func (s *script) followed() bool {
	for _, calls := range s.methods() {
		if !calls.followed() {
			return false
		}
	}
	return true
}

// calls is what is still to happen to the calls of one method: a fault for each,
// or nil for none. It is safe for concurrent use.
type calls[F any] struct {
	mu     sync.Mutex
	faults []*F
	rest   *F   // what happens to further calls, if there may be any
	open   bool // there may be
	off    bool // there was a call that the script does not have
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

// addOf writes a call that an edge of the model makes, if it makes one of these.
func (c *calls[F]) addOf(faults map[string]*F, edge string) {
	if f, ok := faults[edge]; ok {
		c.add(f)
	}
}

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

// allow allows further calls, and hits them with f.
func (c *calls[F]) allow(f *F) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest, c.open = f, true
}
