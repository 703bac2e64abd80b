package prooftest

import (
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

var (
	stormEvents = flag.Int("storm.events", 5000, "events of the storm")
	stormSeed   = flag.Uint64("storm.seed", 0, "seed of the storm and of the kills; 0 draws one")
)

// TestStorm is the promise under everything at once: events from 40 workers,
// each redelivered until it is acknowledged and some delivered twice, to two
// instances that are both killed once, while a fifth of all calls to Earth
// Engine and a twentieth of all publishes go wrong.
//
// Earth Engine's quotas are the real ones: 40 requests at once and 100 a second
// for each project, and 3,000 tasks in the account's queue. At 100 a second
// alone, 5,000 exports and their retries would take longer than a minute; who
// has so many has several projects pay for them, and so have the events here.
// The clock by which tasks run stands still until the queue is full and the
// function has passed that on; then all of them end at once.
func TestStorm(t *testing.T) {
	if *stormEvents < 100 {
		t.Fatal("-storm.events: fewer than 100 are no storm")
	}
	t.Parallel()
	for _, tc := range []struct {
		name   string
		events int
		opts   []eetest.Option
	}{
		{"a request that is repeated is answered with its Operation", scaled(*stormEvents), nil},
		{"a request that is repeated is refused: it already exists", scaled(500), []eetest.Option{eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // much of its time is pauses
			tr := newTrial(t, tc.events, 2, tc.opts...)
			weather := &weather{seed: tr.seed, calls: map[string]uint64{}, hits: map[string]int{}}
			tr.ee.InjectFunc(weather.upstream)
			tr.ps.InjectFunc(weather.publish)

			random := rand.New(rand.NewPCG(tr.seed, 1))
			acknowledged, third := new(atomic.Int64), int64(tc.events/3)
			kills := []*milestone{
				newMilestone(acknowledged, third/2+random.Int64N(third)),
				newMilestone(acknowledged, third*2+random.Int64N(third)),
			}
			order := withDuplicates(random, tc.events)
			// Pub/Sub's own pauses are several hundred times as long.
			push := handlertest.Push{Workers: 40, MinBackoff: 50 * time.Millisecond, MaxBackoff: time.Second}
			push.Deliver = func(i, n int) bool {
				if !tr.deliver(order[i], i, n) {
					return false
				}
				acknowledged.Add(1)
				for _, kill := range kills {
					kill.check()
				}
				return true
			}
			ended := tr.run(t, push, len(order))
			for i, kill := range kills {
				select {
				case <-kill.reached:
					tr.service.Kill(t, i)
				case <-ended:
				}
			}
			<-ended
			tr.check(t)
			if tc.events > eetest.DefaultQuotas().QueuedTasks && tr.queueFull.Load() == 0 {
				t.Errorf("the queue was never full: %+v", tr.ee.Usage())
			}
			t.Logf("%s, %d calls refused for the rate, %d deliveries for the queue; faults: %s",
				tr.summary(), tr.ee.Usage().Refused, tr.queueFull.Load(), weather)
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

// milestone is reached when a counter has counted so far.
type milestone struct {
	counter *atomic.Int64
	at      int64
	reached chan struct{}
	once    sync.Once
}

func newMilestone(counter *atomic.Int64, at int64) *milestone {
	return &milestone{counter: counter, at: at, reached: make(chan struct{})}
}

func (m *milestone) check() {
	if m.counter.Load() >= m.at {
		m.once.Do(func() { close(m.reached) })
	}
}

// weather decides which calls go wrong, and how. What hits the n-th call for an
// event follows from the seed, the event and n alone, so that a seed brings the
// same faults however the calls interleave.
type weather struct {
	seed uint64

	mu    sync.Mutex
	calls map[string]uint64 // so far, by what they are about
	hits  map[string]int    // by what was hit and how
}

// A kind of fault is drawn weight times as often as one of weight 1.
type kind[F any] struct {
	name   string
	weight int
	fault  F
}

const html = "<html><body>502 Bad Gateway</body></html>"

// upstreamFaults are all that eetest.Fault knows and that will pass: before the
// effect or after it, with an answer or without.
var upstreamFaults = []kind[eetest.Fault]{
	{"reset before the start", 3, eetest.Fault{Reset: eetest.BeforeStart}},
	{"reset after the start", 3, eetest.Fault{Reset: eetest.AfterStart}},
	{"truncated answer", 3, eetest.Fault{Truncate: true}},
	{"truncated error", 2, eetest.Fault{Started: true, Status: 503, Truncate: true}},
	{"429", 3, eetest.Fault{Status: 429}},
	{"429 after the start", 1, eetest.Fault{Started: true, Status: 429}},
	{"429 with Retry-After: 1", 1, eetest.Fault{Status: 429, RetryAfter: "1"}},
	{"429 with Retry-After: 60", 2, eetest.Fault{Status: 429, RetryAfter: "60"}},
	{"queue full", 2, eetest.Fault{Status: 400, Message: "Too many tasks already in the queue (3000)."}},
	{"500", 3, eetest.Fault{Status: 500}},
	{"500 after the start", 3, eetest.Fault{Started: true, Status: 500}},
	{"503", 3, eetest.Fault{Status: 503}},
	{"503 with Retry-After: 60 after the start", 2, eetest.Fault{Started: true, Status: 503, RetryAfter: "60"}},
	{"504 after the start", 2, eetest.Fault{Started: true, Status: 504}},
	{"HTML page with 502", 2, eetest.Fault{Status: 502, Body: html}},
	{"HTML page with 502 after the start", 2, eetest.Fault{Started: true, Status: 502, Body: html}},
	{"HTML page with 200 after the start", 2, eetest.Fault{Started: true, Body: html}},
	{"half an answer with 200", 2, eetest.Fault{Started: true, Body: `{"name": "projects/`}},
	{"Operation without a name", 3, eetest.Fault{Started: true, Body: `{"metadata": {}}`}},
	{"slow before the start", 2, eetest.Fault{Delay: 200 * time.Millisecond}},
	{"slow after the start", 2, eetest.Fault{Started: true, Delay: 200 * time.Millisecond}},
	{"past the deadline before the start", 1, eetest.Fault{Delay: time.Minute}},
	{"past the deadline after the start", 1, eetest.Fault{Started: true, Delay: time.Minute}},
}

// listFaults are those that can hit a list: one without Operations says that
// there are none.
var listFaults = slices.DeleteFunc(slices.Clone(upstreamFaults), func(k kind[eetest.Fault]) bool { return k.name == "Operation without a name" })

// publishFaults are all that handlertest.PublishFault knows.
var publishFaults = []kind[handlertest.PublishFault]{
	{"unavailable", 3, handlertest.PublishFault{Status: status.New(codes.Unavailable, "")}},
	{"internal", 2, handlertest.PublishFault{Status: status.New(codes.Internal, "")}},
	{"quota", 2, handlertest.PublishFault{Status: status.New(codes.ResourceExhausted, "")}},
	{"topic missing", 3, handlertest.PublishFault{Status: status.New(codes.NotFound, "")}},
	{"refused", 3, handlertest.PublishFault{Status: status.New(codes.PermissionDenied, "")}},
	{"acknowledgement lost, tried again", 4, handlertest.PublishFault{Published: true, Status: status.New(codes.Unavailable, "")}},
	{"acknowledgement lost, given up", 4, handlertest.PublishFault{Published: true, Status: status.New(codes.FailedPrecondition, "")}},
	{"slow", 2, handlertest.PublishFault{Delay: 200 * time.Millisecond}},
	{"past the deadline", 1, handlertest.PublishFault{Delay: time.Minute}},
	{"past the deadline, published", 1, handlertest.PublishFault{Published: true, Status: status.New(codes.Unavailable, ""), Delay: time.Minute}},
}

// upstream hits one call to Earth Engine in five.
func (w *weather) upstream(r *http.Request) *eetest.Fault {
	if eetest.MethodOf(r) == eetest.ListOperations {
		return hit(w, "list", 5, listFaults)
	}
	return hit(w, "export "+assetOf(r), 5, upstreamFaults)
}

// publish hits one publish in twenty.
func (w *weather) publish(r *pubsubpb.PublishRequest) *handlertest.PublishFault {
	return hit(w, "publish "+r.Messages[0].Attributes["asset"], 20, publishFaults)
}

// hit draws the fault of the next call about something: one in so many.
func hit[F any](w *weather, about string, oneIn int, kinds []kind[F]) *F {
	hash := fnv.New64a()
	hash.Write([]byte(about))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[about]++
	random := rand.New(rand.NewPCG(w.seed, hash.Sum64()+w.calls[about]))
	if random.IntN(oneIn) > 0 {
		return nil
	}
	all := 0
	for _, k := range kinds {
		all += k.weight
	}
	n := random.IntN(all)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			about, _, _ := strings.Cut(about, " ")
			w.hits[about+": "+k.name]++
			return &k.fault
		}
	}
	panic("the weights do not add up")
}

// String says how many faults there were, of each kind and in all.
func (w *weather) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	upstream, publishes := 0, 0
	for _, name := range slices.Sorted(maps.Keys(w.hits)) {
		list = append(list, fmt.Sprintf("%d × %s", w.hits[name], name))
		if strings.HasPrefix(name, "publish") {
			publishes += w.hits[name]
		} else {
			upstream += w.hits[name]
		}
	}
	return fmt.Sprintf("%d of calls and %d of publishes: %s", upstream, publishes, strings.Join(list, ", "))
}

var assetForm = regexp.MustCompile(`projects/[a-z0-9-]+/assets/[a-z0-9/-]+`)

// assetOf returns the asset that a call to Earth Engine writes.
func assetOf(r *http.Request) string {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return ""
	}
	return string(assetForm.Find(body))
}
