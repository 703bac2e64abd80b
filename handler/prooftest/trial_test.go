package prooftest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// trial is the event function and the watcher with everything that they call. At
// its end, when every event has been acknowledged and every end published, check
// checks the promise.
type trial struct {
	seed    uint64
	events  int
	began   time.Time
	ee      *eetest.Server
	ps      *handlertest.PubSub
	service *handlertest.Service
	watcher *handlertest.Service

	stopTicking func()
	deliveries  atomic.Int64
	brokenOff   atomic.Int64 // deliveries without an answer
	queueFull   atomic.Int64 // deliveries that were answered with a full queue
}

// trialProjects is how many projects the exports of a trial are charged to, in turn.
const trialProjects = 4

func newTrial(t *testing.T, events, instances int, opts ...eetest.Option) *trial {
	t.Helper()
	tr := &trial{seed: *stormSeed, events: events, began: time.Now().UTC()}
	if tr.seed == 0 {
		tr.seed = rand.Uint64()
	}
	t.Logf("seed %d: again with -storm.seed=%[1]d", tr.seed)
	tr.ee = eetest.NewServer(append([]eetest.Option{eetest.Emulator(), eetest.WithLifecycle(eetest.Lifecycle{Pending: 1000 * time.Hour})}, opts...)...)
	t.Cleanup(tr.ee.Close)
	tr.ps = handlertest.NewPubSub(t, "operations", "failures", "completions")
	tr.ps.Subscribe(t, "pending", "operations")
	env := handlertest.With(handlertest.Env(tr.ee, tr.ps), map[string]string{"ALLOWED_PROJECTS": "*", "CLOUD_RUN_TIMEOUT_SECONDS": "4"})
	tr.service = handlertest.StartService(t, "ExportClassifierEvent", instances, env)
	tr.watcher = handlertest.StartService(t, "WatchOperations", instances, handlertest.With(env,
		map[string]string{"COMPLETIONS_TOPIC": "completions", "PENDING_SUBSCRIPTION": "pending"}))
	tr.tick(t)
	return tr
}

// tick has two schedulers call the watcher repeatedly.
func (tr *trial) tick(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ticking sync.WaitGroup
	for range 2 {
		ticking.Go(func() {
			for ctx.Err() == nil {
				_, _ = tr.watcher.Send(http.MethodPost, "/", nil) // the watcher may have been killed
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	tr.stopTicking = func() { cancel(); ticking.Wait() }
}

// fate is how the Operation of an event ends.
func fate(event int) eetest.State {
	switch event % 10 {
	case 3:
		return eetest.Failed
	case 7:
		return eetest.Cancelled
	}
	return eetest.Succeeded
}

// endOperations ends all running Operations.
func (tr *trial) endOperations() {
	for _, op := range tr.ee.Operations() {
		var event int
		if _, err := fmt.Sscanf(op.Description, "event %d", &event); err == nil && !op.State.Done() {
			_ = tr.ee.Finish(op.Name, fate(event)) // another caller may have ended it
		}
	}
}

// settle ends all Operations, and waits until the watcher has published all ends.
func (tr *trial) settle(t *testing.T) {
	t.Helper()
	tr.endOperations()
	for deadline := time.Now().Add(2 * time.Minute); tr.pending() > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d Operations are still pending", tr.pending())
			break
		}
	}
	tr.stopTicking()
}

// pending returns how many messages are left on the watcher's subscription,
// leased or not.
func (tr *trial) pending() (n int) {
	for _, m := range tr.ps.Messages("operations") {
		if m.Acks == 0 {
			n++
		}
	}
	return n
}

// An event's export is charged to its project and writes its asset.
func project(event int) string { return fmt.Sprintf("projects/project-%d", event%trialProjects) }
func asset(event int) string   { return fmt.Sprintf("projects/assets/assets/storm/%d", event) }

// request returns an event's request.
func (tr *trial) request(event int) []byte {
	return request(project(event), asset(event), fmt.Sprintf(`"description":"event %d",`, event))
}

// run delivers messages in the background. It returns a channel that is closed when
// all of them have been acknowledged or the time is up.
func (tr *trial) run(t *testing.T, push handlertest.Push, messages int) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(messages)*20*time.Millisecond)
	ended := make(chan struct{})
	go func() {
		defer cancel()
		defer close(ended)
		if err := push.Run(ctx, messages); err != nil {
			t.Error(err)
		}
	}()
	return ended
}

// deliver delivers an event, and reports whether it was acknowledged.
func (tr *trial) deliver(event int) bool {
	tr.deliveries.Add(1)
	answer, err := tr.service.Deliver(handlertest.Message{ID: strconv.Itoa(event), Data: tr.request(event), PublishTime: tr.began.Format(time.RFC3339Nano)})
	if err != nil {
		tr.brokenOff.Add(1)
		return false // the instance was killed
	}
	if answer.Code == 429 && tr.ee.Usage().QueuedTasks >= eetest.DefaultQuotas().QueuedTasks && tr.queueFull.Add(1)%20 == 0 {
		tr.endOperations() // the queue has been full often enough
	}
	return answer.Acknowledged()
}

// summary describes the trial in figures.
func (tr *trial) summary() string {
	return fmt.Sprintf("%d events in %s: %d deliveries, %d without an answer, %d calls to Earth Engine, %d Operations, %d published starts, %d published ends",
		tr.events, time.Since(tr.began).Round(time.Millisecond), tr.deliveries.Load(), tr.brokenOff.Load(), tr.ee.Count(""), len(tr.ee.Operations()),
		len(tr.ps.Messages("operations")), len(tr.ps.Messages("completions")))
}
