package watch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/watch"
)

var unavailable = status.New(codes.Unavailable, "a bad day")

// TestPulling has pulls that fail or return less than there is, with 100 ends
// on the subscription.
func TestPulling(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults []handlertest.Fault
		ends   int
		errors int
	}{
		{"all at once", nil, 100, 0},
		{"a first pull that hangs is an error", []handlertest.Fault{{Delay: time.Hour, Times: -1}}, 0, 1},
		{"a first pull that hangs once is made again", []handlertest.Fault{{Delay: time.Hour}}, 100, 0},
		{"a Pub/Sub that fails is an error", []handlertest.Fault{{Status: unavailable, Times: -1}}, 0, 1},
		{"a Pub/Sub that fails once is asked again", []handlertest.Fault{{Status: unavailable}}, 100, 0},
		{"part of the backlog", []handlertest.Fault{{Limit: 7, Times: -1}}, 100, 0},
		{"nothing at first", []handlertest.Fault{{Limit: -1}}, 100, 0},
		{"nothing in between", []handlertest.Fault{{Limit: 50}, {Limit: -1}, {Limit: 30}, {Limit: -1}}, 100, 0},
		{"a later pull that fails", []handlertest.Fault{{Limit: 60}, {Status: unavailable}}, 60, 1},
		{"messages that come again and again", []handlertest.Fault{{Redelivered: true}, {Redelivered: true}, {Redelivered: true}}, 100, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, w *world) {
				w.finish(t, eetest.Succeeded, w.startMany(t, "p", 100)...)
				w.ps.InjectPull(tc.faults...)
				s, err := w.tick(t)
				if s.Ended.Succeeded != tc.ends || s.Errors != tc.errors || s.Pending != 0 || (err != nil) != (tc.ends == 0) {
					t.Errorf("%+v %v", s, err)
				}
			})
		})
	}
}

func TestAnEmptySubscriptionIsNotAnError(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		began := time.Now()
		if s, err := w.tick(t); err != nil || s.Pending != 0 || s.Cause != nil {
			t.Errorf("%+v %v", s, err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it waits for %s, which costs every minute", took)
		}
	})
}

// TestALostAnswerOfPubSubDoublesNoEnd has calls that may take effect without an
// answer to the tick. In the end each Operation must have one end, under one ID.
func TestALostAnswerOfPubSubDoublesNoEnd(t *testing.T) {
	for _, tc := range []struct {
		name   string
		inject func(*world)
	}{
		{"of a pull", func(w *world) { w.ps.InjectPull(handlertest.Fault{Limit: 20, Applied: true, Status: unavailable}) }},
		{"of publishes", func(w *world) {
			w.ps.Inject(handlertest.Fault{On: "completions", Applied: true, Status: unavailable, Times: 10})
		}},
		{"of publishes that hang", func(w *world) {
			w.ps.Inject(handlertest.Fault{On: "completions", Applied: true, Status: unavailable, Delay: time.Hour, Times: 10})
		}},
		{"of an acknowledgement", func(w *world) { w.ps.InjectAck(handlertest.Fault{Applied: true, Status: unavailable}) }},
		{"of an acknowledgement that hangs", func(w *world) {
			w.ps.InjectAck(handlertest.Fault{Applied: true, Status: unavailable, Delay: time.Hour})
		}},
		{"an acknowledgement is late", func(w *world) { w.ps.InjectAck(handlertest.Fault{Late: true}) }},
		{"an acknowledgement is refused", func(w *world) { w.ps.InjectAck(handlertest.Fault{Status: status.New(codes.PermissionDenied, "")}) }},
		{"a lease is not extended", func(w *world) { w.ps.InjectModify(handlertest.Fault{Late: true, Times: -1}) }},
		{"leases cannot be extended", func(w *world) { w.ps.InjectModify(handlertest.Fault{Status: unavailable, Times: -1}) }},
		{"messages are redelivered while they are leased", func(w *world) { w.ps.InjectPull(handlertest.Fault{Redelivered: true, Times: -1}) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, w *world) {
				w.finish(t, eetest.Succeeded, w.startMany(t, "p", 40)...)
				running := w.startMany(t, "p", 40)
				tc.inject(w)
				var overlapping sync.WaitGroup
				for range 2 {
					overlapping.Go(func() { w.tick(t) })
				}
				overlapping.Wait()
				w.ps.ClearFaults()
				w.finish(t, eetest.Failed, running...)
				time.Sleep(2 * time.Minute) // leases end
				for range 2 {
					if s, err := w.tick(t); err != nil || s.Errors != 0 {
						t.Errorf("%+v %v", s, err)
					}
				}
				w.left(t, 0)
				if ends := w.ends(); len(ends) != 80 {
					t.Errorf("%d ends", len(ends))
				}
			})
		})
	}
}

func TestATickHidesWhatItHasTaken(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		w.startMany(t, "p", 5)
		w.ps.Publish("operations", []byte("not ours"), nil)
		w.ee.Inject(eetest.Fault{Delay: time.Hour, Times: -1})
		var long sync.WaitGroup
		long.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			_, _ = watch.Tick(ctx, w.clients)
		})
		time.Sleep(100 * time.Second) // longer than the subscription's own lease
		if s := w.expect(t, 0, 0, 0, 0, 0); s.Foreign != 0 {
			t.Errorf("%+v", s)
		}
		long.Wait()
		w.left(t, 5)
	})
}

func TestTicksMakeProgressOnASlowPubSub(t *testing.T) {
	for _, tc := range []struct {
		name    string
		ends    int
		publish time.Duration
		budget  time.Duration
		ticks   int
	}{
		{"60 ends at 150 ms are settled by ten ticks of half a second", 60, 150 * time.Millisecond, 500 * time.Millisecond, 10},
		{"60 ends at 150 ms are settled by one tick", 60, 150 * time.Millisecond, 59 * time.Second, 1},
		{"200 ends at 700 ms make progress in ticks of 4.5 s", 200, 700 * time.Millisecond, 4500 * time.Millisecond, 4},
		{"200 ends at 700 ms are settled by one tick", 200, 700 * time.Millisecond, 59 * time.Second, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, w *world) {
				w.finish(t, eetest.Succeeded, w.startMany(t, "p", tc.ends)...)
				w.ps.InjectFunc(func(call any) *handlertest.Fault {
					if _, ok := call.(*pubsubpb.PublishRequest); ok {
						time.Sleep(tc.publish) // and publish, even if the caller has hung up
					}
					return nil
				})
				ended := 0
				for range tc.ticks {
					if ended == tc.ends {
						break
					}
					ctx, cancel := context.WithTimeout(t.Context(), tc.budget)
					s, err := watch.Tick(ctx, w.clients)
					cancel()
					if ended += s.Ended.Succeeded; err != nil || s.Ended.Succeeded == 0 {
						t.Errorf("%+v %v", s, err)
					}
					w.left(t, tc.ends-ended) // ended is what was acknowledged
				}
				if repeats := len(w.ps.Messages("completions")) - tc.ends; ended != tc.ends || repeats != 0 {
					t.Errorf("%d of %d have ended, %d are repeated", ended, tc.ends, repeats)
				}
			})
		})
	}
}
