package watch_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// one reports true once in n calls.
func one(n int) bool { return rand.N(n) == 0 }

// TestStorm ends Operations of three projects at random within an hour. Two
// ticks a minute overlap, some are killed, and everything that they call fails
// occasionally; young Operations vanish and reappear. In the end each
// Operation's one true end is published, under one ID, and the subscription is
// empty.
func TestStorm(t *testing.T) {
	for range 2 {
		inMemory(t, storm)
	}
}

func storm(t *testing.T, w *world) {
	lost := []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.PermissionDenied, codes.Internal}
	w.ee.InjectFunc(func(*http.Request) *eetest.Fault {
		switch {
		case one(10):
			return &eetest.Fault{Status: []int{500, 503, 429, 403, 404}[rand.N(5)]}
		case one(30):
			return &eetest.Fault{Reset: eetest.AfterStart}
		case one(30):
			return &eetest.Fault{Truncate: true}
		case one(50):
			return &eetest.Fault{Delay: rand.N(time.Minute)}
		}
		return &eetest.Fault{Delay: rand.N(time.Second)}
	})
	w.ps.InjectFunc(func(call any) *handlertest.Fault {
		f := &handlertest.Fault{Applied: one(2), Delay: rand.N(4 * time.Second)}
		if one(8) {
			f.Status = status.New(lost[rand.N(4)], "lost")
		}
		if _, ok := call.(*pubsubpb.PullRequest); ok {
			f.Delay, f.Limit, f.Redelivered = rand.N(time.Second), rand.N(100)-1, one(5)
		} else {
			f.Late = one(10) // of acknowledgements
		}
		return f
	})

	var life sync.WaitGroup // of the Operations
	states := []eetest.State{eetest.Succeeded, eetest.Failed, eetest.Cancelled}
	for i := range 150 {
		name := w.start(t, fmt.Sprint("p", i%3), 0)
		life.Go(func() {
			if one(10) {
				w.ee.Hide(name, true)
				time.Sleep(rand.N(30 * time.Minute))
				w.ee.Hide(name, false)
			}
			time.Sleep(rand.N(time.Hour))
			w.finish(t, states[i%3], name)
		})
	}
	var ticks sync.WaitGroup
	for range 60 {
		for range 2 {
			ticks.Go(func() {
				if one(5) {
					w.kill(t, rand.N(time.Minute))
				} else {
					w.tick(t)
				}
			})
		}
		time.Sleep(40*time.Second + rand.N(40*time.Second))
	}
	ticks.Wait()
	life.Wait()
	w.ee.ClearFaults()
	w.ps.ClearFaults()
	time.Sleep(10 * time.Minute) // leases end
	for range 2 {
		w.expectNone(t)
		time.Sleep(2 * time.Minute)
	}
	w.left(t, 0)
	ends := w.ends()
	for _, op := range w.ee.Operations() {
		if id := op.Name + "/" + map[eetest.State]string{eetest.Succeeded: "succeeded", eetest.Failed: "failed", eetest.Cancelled: "cancelled"}[op.State]; ends[id] == 0 {
			t.Errorf("%s is not published", id)
		}
	}
	if len(ends) != 150 {
		t.Errorf("%d ends of 150 Operations", len(ends))
	}
	for _, m := range w.ps.Messages("completions") {
		if op, err := eeclient.ParseOperation(m.Data); err != nil || m.Attributes["reason"] != "" || string(op.State()) != m.Attributes["state"] {
			t.Errorf("%v %s", m.Attributes, m.Data)
		}
	}
	t.Logf("%d messages for 150 Operations", len(w.ps.Messages("completions")))
}

// expectNone makes a tick that must leave nothing.
func (w *world) expectNone(t *testing.T) {
	t.Helper()
	if s, err := w.tick(t); err != nil || s.Pending != 0 || s.Errors != 0 {
		t.Errorf("%+v %v", s, err)
	}
}
