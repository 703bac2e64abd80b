package prooftest

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestKilledAtAnyMoment kills the event function's only instance over and over,
// somewhere in the few milliseconds that an event takes: before the call to
// Earth Engine, while it is under way, between it and the publish, and between
// that and the acknowledgement.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		opts []eetest.Option
	}{
		{"a request that is repeated is answered with its Operation", nil},
		{"a request that is repeated is refused: it already exists", []eetest.Option{eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // much of its time is pauses
			tr := newTrial(t, scaled(150), 1, tc.opts...)
			random := rand.New(rand.NewPCG(tr.seed, 2))
			// Calls and publishes are counted where they arrive: at each, some
			// event is at a known step, and others are at any.
			steps := newCountdown()
			tr.ee.InjectFunc(func(*http.Request) *eetest.Fault {
				steps.count()
				return nil
			})
			tr.ps.InjectFunc(func(*pubsubpb.PublishRequest) *handlertest.PublishFault {
				steps.count()
				return nil
			})
			push := handlertest.Push{Workers: 8, MinBackoff: 10 * time.Millisecond, MaxBackoff: 100 * time.Millisecond}
			push.Deliver = func(event, n int) bool { return tr.deliver(event, event, n) }
			ended := tr.run(t, push, tr.events)
			kills, stranded := 0, map[string]bool{}
			for over := false; !over; {
				select {
				case <-steps.wait(1 + random.IntN(30)):
					// An event takes about as long as the longest of these.
					time.Sleep(time.Duration(random.IntN(5000)) * time.Microsecond)
					tr.service.Kill(t, 0)
					kills++
					tr.unpublished(stranded)
				case <-ended:
					over = true
				}
			}
			tr.check(t)
			if len(stranded) == 0 {
				t.Errorf("none of %d kills came between a start and its publish", kills)
			}
			t.Logf("%s, %d kills, %d Operations that one of them left unpublished", tr.summary(), kills, len(stranded))
		})
	}
}

// unpublished adds the names of the Operations that are on no topic.
func (tr *trial) unpublished(names map[string]bool) {
	published := map[string]bool{}
	for _, m := range tr.ps.Messages("operations") {
		published[m.Attributes["operation"]] = true
	}
	for _, op := range tr.ee.Operations() {
		if !published[op.Name] {
			names[op.Name] = true
		}
	}
}

// countdown tells when so many things have happened.
type countdown struct {
	mu   sync.Mutex
	left int
	zero chan struct{}
}

func newCountdown() *countdown { return &countdown{zero: make(chan struct{})} }

// wait returns a channel that is closed when n more have happened.
func (c *countdown) wait(n int) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.zero = n, make(chan struct{})
	return c.zero
}

func (c *countdown) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 {
		close(c.zero)
	}
}
