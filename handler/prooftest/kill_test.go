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

// TestKilledAtAnyMoment kills the only instance of the event function and that of
// the watcher repeatedly, at any moment of the few milliseconds that an event or
// an end takes: before a call to Earth Engine, while it is under way, between it
// and the publish, and between that and the acknowledgement.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		opts []eetest.Option
	}{
		{"a request that is repeated is answered with its Operation", nil},
		{"a request that is repeated is refused: it already exists", []eetest.Option{eetest.WithWorld(exists)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // much of its time is pauses
			tr := newTrial(t, scaled(150), 1, tc.opts...)
			exporter, watcher := newKiller(tr.seed, 2), newKiller(tr.seed, 3)
			tr.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
				if eetest.MethodOf(r) == eetest.ExportClassifier {
					exporter.count()
				} else {
					watcher.count()
				}
				return nil
			})
			tr.ps.InjectFunc(func(call any) *handlertest.Fault {
				switch r := call.(type) {
				case *pubsubpb.PublishRequest:
					if r.Messages[0].Attributes["state"] == "" {
						exporter.count()
					} else {
						watcher.count()
					}
				case *pubsubpb.AcknowledgeRequest:
					watcher.count()
				}
				return nil
			})
			push := handlertest.Push{Workers: 8, MinBackoff: 10 * time.Millisecond, MaxBackoff: 100 * time.Millisecond}
			push.Deliver = func(event, _ int) bool {
				acknowledged := tr.deliver(event)
				if acknowledged && event%10 == 0 {
					tr.endOperations()
				}
				return acknowledged
			}
			ended, settled := tr.run(t, push, tr.events), make(chan struct{})
			stranded := map[string]bool{}
			var killing sync.WaitGroup
			killing.Go(func() {
				exporter.run(ended, func() {
					tr.service.Kill(t)
					tr.unpublished(stranded)
				})
			})
			killing.Go(func() { watcher.run(settled, func() { tr.watcher.Kill(t) }) })
			<-ended
			tr.settle(t)
			close(settled)
			killing.Wait()
			tr.check(t)
			if len(stranded) == 0 || watcher.kills == 0 {
				t.Errorf("none of %d kills came between a start and its publish, or none of %d at a tick", exporter.kills, watcher.kills)
			}
			t.Logf("%s, %d kills, %d Operations that one of them left unpublished, %d kills of the watcher", tr.summary(), exporter.kills, len(stranded), watcher.kills)
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

// killer kills an instance repeatedly. It counts the instance's calls where they
// arrive: then one event is at a known step, and others are at any.
type killer struct {
	random *rand.Rand
	kills  int
	calls  chan struct{}
}

func newKiller(seed, stream uint64) *killer {
	return &killer{random: rand.New(rand.NewPCG(seed, stream)), calls: make(chan struct{})}
}

// run kills after some calls, again and again, until the end.
func (k *killer) run(end <-chan struct{}, kill func()) {
	most := 40 // a function that is always killed would never finish
	if brief() {
		most = 10
	}
	for ; k.kills < most; k.kills++ {
		for range 1 + k.random.IntN(30) {
			select {
			case <-k.calls:
			case <-end:
				return
			}
		}
		// An event takes about as long as the longest of these.
		time.Sleep(time.Duration(k.random.IntN(5000)) * time.Microsecond)
		kill()
	}
}

// count counts a call, if run waits for one.
func (k *killer) count() {
	select {
	case k.calls <- struct{}{}:
	default:
	}
}
