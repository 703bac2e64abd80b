package prooftest

import (
	"net/http"
	"sync"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// method is one of the methods that a delivery or a tick calls.
type method int

const (
	exports method = iota
	lists
	gets
	publishes
	pulls
	acks
	givesBack
	methods // how many
)

// script holds what is still to happen to the calls of one delivery, or of one
// tick: for each call of a method a fault, or a nil pointer for none. It is safe
// for concurrent use.
type script struct {
	mu     sync.Mutex
	faults [methods][]any // *eetest.Fault or *handlertest.Fault
	rest   [methods]any   // what happens to further calls; nil if the script allows none
	off    bool           // there was a call that the script does not have
}

// direct makes the script decide what happens to all calls.
func (s *script) direct(ee *eetest.Server, ps *local.PubSub) {
	ee.InjectFunc(func(r *http.Request) *eetest.Fault {
		switch eetest.MethodOf(r) {
		case eetest.ExportClassifier:
			return next[eetest.Fault](s, exports)
		case eetest.ListOperations:
			return next[eetest.Fault](s, lists)
		}
		return next[eetest.Fault](s, gets)
	})
	ps.InjectFunc(func(call any) *handlertest.Fault {
		switch r := call.(type) {
		case *pubsubpb.PublishRequest:
			return next[handlertest.Fault](s, publishes)
		case *pubsubpb.PullRequest:
			return next[handlertest.Fault](s, pulls)
		case *pubsubpb.AcknowledgeRequest:
			return next[handlertest.Fault](s, acks)
		case *pubsubpb.ModifyAckDeadlineRequest:
			if r.AckDeadlineSeconds == 0 {
				return next[handlertest.Fault](s, givesBack)
			}
		}
		return nil // a lease is extended
	})
}

// next returns what happens to the next call of a method.
func next[F any](s *script, m method) *F {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.rest[m]
	if faults := s.faults[m]; len(faults) > 0 {
		f, s.faults[m] = faults[0], faults[1:]
	}
	fault, ok := f.(*F)
	s.off = s.off || !ok
	return fault
}

// add writes a call of a method; f is a nil pointer if nothing goes wrong.
func (s *script) add(m method, f any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[m] = append(s.faults[m], f)
}

// addOf writes a call that an edge of the model makes, if it makes one of these.
func addOf[F any](s *script, m method, faults map[string]*F, edge string) {
	if f, ok := faults[edge]; ok {
		s.add(m, f)
	}
}

// allow allows further calls of a method, and hits them with f.
func (s *script) allow(m method, f any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest[m] = f
}

// begin clears the script, and reports whether exactly the calls in it were made.
func (s *script) begin() (followed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	followed = !s.off
	for _, left := range s.faults {
		followed = followed && len(left) == 0
	}
	s.faults, s.rest, s.off = [methods][]any{}, [methods]any{}, false
	return followed
}
