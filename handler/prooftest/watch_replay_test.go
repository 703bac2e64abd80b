package prooftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/watch"
)

// TestTheWatchersModelIsTheWatcher makes real ticks along paths that take every
// edge of the watcher's model that one tick at a time can take: at each it must
// make the calls that the model makes, and leave behind the same.
func TestTheWatchersModelIsTheWatcher(t *testing.T) {
	r := &watchRules{faults: 3}
	if brief() {
		r.faults = 2
	}
	all := sample(paths(r, r.alone))
	for rest := range slices.Chunk(all, 200) {
		synctest.Test(t, func(t *testing.T) {
			st := newWatchStage(t)
			for _, p := range rest {
				st.begin()
				for n, h := range p {
					if err := st.play(h); err != nil {
						t.Errorf("%v, after %s", err, p[:n+1])
						break
					}
				}
			}
		})
	}
	t.Logf("%d paths", len(all))
}

// alone returns what can happen with one tick at a time, if it is not killed and
// nothing else happens meanwhile.
func (r *watchRules) alone(w watched) (edges []edge[watched]) {
	add := r.adder(w, &edges)
	if w.ticks[0].at == resting {
		r.outside(w, add)
	}
	r.nextOf(w, 0, add)
	return slices.DeleteFunc(edges, func(e edge[watched]) bool {
		return slices.Contains([]string{"killed", "Pub/Sub acknowledges late", "the publish is late" + triedAgain, "the publish is late" + givenUp}, e.name)
	})
}

// watchStage is the environment of real ticks.
type watchStage struct {
	*deployment
	clients watch.Clients
	script  script
	started eetest.Operation
}

func newWatchStage(t *testing.T) *watchStage {
	t.Helper()
	st := &watchStage{deployment: deploy(t, nil, eetest.WithLifecycle(eetest.Lifecycle{Pending: 10_000 * time.Hour}))}
	st.clients.Pending.Name = "projects/" + handlertest.Project + "/subscriptions/pending"
	st.clients.CompletionsTopic = local.CompletionsTopic
	var errs [3]error
	st.clients.EarthEngine, errs[0] = eeclient.New(t.Context(), eeclient.WithEmulatorHost(st.ee.Host()), eeclient.WithHTTPClient(st.ee.Client()))
	st.clients.Publisher, errs[1] = message.NewPublisher(t.Context(), handlertest.Project, st.ps.ClientOptions()...)
	st.clients.Pending.Client, errs[2] = pubsub.NewSubscriptionAdminClient(t.Context(), st.ps.ClientOptions()...)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		st.clients.Publisher.Close()
		st.clients.Pending.Client.Close()
	})
	st.script.direct(st.ee, st.ps.PubSub)
	return st
}

// begin begins a path, with an Operation of its own.
func (st *watchStage) begin() {
	st.ps.Server().ClearMessages()
	st.script.begin()
	st.started = st.ee.Add(eetest.Operation{Project: "p"})
}

// play makes an edge happen. The calls of a tick happen when it ends.
func (st *watchStage) play(h hop[watched]) error {
	st.script.addTickEdge(h)
	switch {
	case h.from.ticks[0].at != resting && h.to.ticks[0].at == resting:
		ctx, cancel := context.WithTimeout(context.Background(), 59*time.Second)
		defer cancel()
		_, _ = watch.Tick(ctx, &st.clients) // other tests check its result
		if !st.script.begin() {
			return errors.New("other calls than the model's")
		}
		return st.compare(h.to)
	case h.name == announced:
		op, err := eeclient.ParseOperation(st.started.JSON())
		if err != nil {
			return err
		}
		m := message.Started(op, message.Origin{Project: "projects/p"}, time.Now())
		st.ps.Publish(local.OperationsTopic, m.Data, m.Attributes)
	case h.name == itEnds:
		return st.ee.Finish(st.started.Name, eetest.Succeeded)
	case h.name == itIsLost:
		st.ee.Hide(st.started.Name, true)
	case h.name == anHour:
		time.Sleep(time.Hour + time.Second)
	case h.name == leaseEnds:
		time.Sleep(2 * time.Minute)
	}
	return nil
}

// compare compares what a tick has left behind with the model.
func (st *watchStage) compare(w *watched) error {
	var published ends
	for _, m := range st.ps.Messages(local.CompletionsTopic) {
		switch id := m.Attributes["ce-id"]; {
		case id == st.started.Name+"/succeeded":
			published |= trueEnd
		case id == st.started.Name+"/failed" && m.Attributes["reason"] == "OPERATION_NOT_FOUND":
			published |= notFound
		default:
			return fmt.Errorf("published %v", m.Attributes)
		}
	}
	acked, want := 0, 0
	for _, m := range st.ps.Messages(local.OperationsTopic) {
		acked += min(m.Acks, 1)
	}
	for _, a := range w.announcements {
		if a.acked {
			want++
		}
	}
	if published != w.published || acked != want {
		return fmt.Errorf("published %b, want %b; %d acknowledged, want %d", published, w.published, acked, want)
	}
	return nil
}
