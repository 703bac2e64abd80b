package prooftest

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

var (
	stormEvents = flag.Int("storm.events", 5000, "events of the storm; a 25th of them with -short")
	stormSeed   = flag.Uint64("storm.seed", 0, "seed of the storm and of the kills; 0 draws one")
)

// TestStorm tests the promise with all faults at once: events from 40 workers,
// each redelivered until it is acknowledged and some delivered twice, to two
// instances, while a fifth of all calls to Earth Engine, a twentieth of all
// publishes and a tenth of all calls for pending Operations go wrong. Two instances
// of the watcher publish the ends. At two random moments one instance of the
// function and one of the watcher are killed.
//
// Earth Engine's quotas are the real ones: 40 requests at once and 100 a second
// for each project, and 3,000 tasks in the account's queue. At 100 a second,
// 5,000 exports and their retries would take one project more than a minute, so
// the events are charged to several. Operations end when the queue is full and
// the function has answered so.
func TestStorm(t *testing.T) {
	if *stormEvents < 100 {
		t.Fatal("-storm.events: must be at least 100")
	}
	t.Parallel()
	for _, tc := range []struct {
		name   string
		events int
		opts   []eetest.Option
	}{
		{"a request that is repeated is answered with its Operation", scaled(*stormEvents), nil},
		{"a request that is repeated is refused: it already exists", scaled(500), []eetest.Option{eetest.WithWorld(exists)}},
		{"a request that is repeated is refused, lists lag, and Operations have no time and a project's number", scaled(500),
			[]eetest.Option{eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists, ListLag: 2 * time.Second, GetLag: time.Second, NoCreateTime: true, ProjectNumbers: true})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // much of its time is pauses
			tr := newTrial(t, tc.events, 2, tc.opts...)
			weather := &weather{seed: tr.seed, calls: map[string]uint64{}}
			weather.strike(tr.ee, tr.ps)

			random := rand.New(rand.NewPCG(tr.seed, 1))
			acknowledged, third := new(atomic.Int64), int64(tc.events/3)
			kills := map[int64]chan struct{}{ // by the number of acknowledgements
				third/2 + random.Int64N(third): make(chan struct{}),
				third*2 + random.Int64N(third): make(chan struct{}),
			}
			order := withDuplicates(random, tc.events)
			// Pub/Sub's own pauses are several hundred times as long.
			push := handlertest.Push{Workers: 40, MinBackoff: 50 * time.Millisecond, MaxBackoff: time.Second}
			fills := tc.events > eetest.DefaultQuotas().QueuedTasks
			push.Deliver = func(i, _ int) bool {
				if !tr.deliver(order[i]) {
					return false
				}
				n := acknowledged.Add(1)
				if !fills && n%50 == 0 {
					tr.endOperations()
				}
				if kill := kills[n]; kill != nil {
					close(kill)
				}
				return true
			}
			ended := tr.run(t, push, len(order))
			for _, at := range slices.Sorted(maps.Keys(kills)) {
				select {
				case <-kills[at]:
					tr.service.Kill(t)
					tr.watcher.Kill(t)
				case <-ended:
				}
			}
			<-ended
			tr.settle(t)
			tr.check(t)
			if fills && tr.queueFull.Load() == 0 {
				t.Errorf("the queue was never full: %+v", tr.ee.Usage())
			}
			t.Logf("%s, %d calls refused for the rate, %d deliveries for the queue, %d faults",
				tr.summary(), tr.ee.Usage().Refused, tr.queueFull.Load(), weather.hits.Load())
		})
	}
}

// withDuplicates returns the events in the order in which they are delivered:
// one in fifty twice, at once or at any later time.
func withDuplicates(random *rand.Rand, events int) (order []int) {
	var later []int
	for event := range events {
		order = append(order, event)
		switch random.IntN(100) {
		case 0:
			order = append(order, event)
		case 1:
			later = append(later, event)
		}
	}
	for _, event := range later {
		order = slices.Insert(order, event+random.IntN(len(order)-event), event)
	}
	return order
}
