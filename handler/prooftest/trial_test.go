package prooftest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// trial is the event function with all that it talks to, and a record of what
// became of each delivery. At its end, when every event has been acknowledged,
// check holds it to the promise.
type trial struct {
	seed    uint64
	events  int
	began   time.Time
	clock   *eetest.Clock
	ee      *eetest.Server
	ps      *handlertest.PubSub
	service *handlertest.Service

	queueFull atomic.Int64 // deliveries to which the function said so

	mu       sync.Mutex
	answered map[string]bool // deliveries, by their span: whether an answer came
}

// trialProjects pay for the exports of a trial in turn.
const trialProjects = 4

func newTrial(t *testing.T, events, instances int, opts ...eetest.Option) *trial {
	t.Helper()
	tr := &trial{seed: *stormSeed, events: events, began: time.Now().UTC(), answered: map[string]bool{}}
	if tr.seed == 0 {
		tr.seed = rand.Uint64()
	}
	t.Logf("seed %d: again with -storm.seed=%[1]d", tr.seed)
	tr.clock = eetest.NewClock(tr.began)
	tr.ee = eetest.NewServer(append([]eetest.Option{eetest.Emulator(), eetest.WithClock(tr.clock)}, opts...)...)
	t.Cleanup(tr.ee.Close)
	tr.ps = handlertest.NewPubSub(t, "operations", "failures")
	tr.service = handlertest.StartService(t, "ExportClassifierEvent", instances, handlertest.With(handlertest.Env(tr.ee, tr.ps),
		map[string]string{"ALLOWED_PROJECTS": "*", "CLOUD_RUN_TIMEOUT_SECONDS": "4"}))
	return tr
}

// project and asset are what an event's export is charged to and writes.
func project(event int) string { return fmt.Sprintf("projects/project-%d", event%trialProjects) }
func asset(event int) string   { return fmt.Sprintf("projects/assets/assets/storm/%d", event) }

// request is the event's.
func (tr *trial) request(event int) []byte {
	return request(project(event), asset(event), fmt.Sprintf(`"description":"event %d",`, event))
}

// run delivers so many messages, beside the test, and returns a channel that is
// closed when all have been acknowledged, or when patience is at its end.
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

// deliver makes delivery n of message i, which carries an event, and tells
// whether it was acknowledged. Each delivery is a trace of its own, by which its
// log line is found.
func (tr *trial) deliver(event, i, n int) bool {
	span := fmt.Sprintf("%08x%08x", i+1, n)
	answer, err := tr.service.Deliver(handlertest.Message{
		ID: strconv.Itoa(event), Data: tr.request(event), PublishTime: tr.began.Format(time.RFC3339Nano),
		Attributes: map[string]string{"traceparent": fmt.Sprintf("00-%032x-%s-01", event+1, span)},
	})
	tr.mu.Lock()
	tr.answered[span] = err == nil
	tr.mu.Unlock()
	if err != nil {
		return false // the instance was killed
	}
	if answer.Code == 429 && tr.ee.Usage().QueuedTasks >= eetest.DefaultQuotas().QueuedTasks && tr.queueFull.Add(1)%20 == 0 {
		tr.clock.Advance(time.Hour) // enough have been told: all tasks end
	}
	return answer.Acknowledged()
}

// check stops the function and checks that nothing was lost and nothing
// doubled: one Operation for each event, every one of them published, nothing
// given up, and a log line for each delivery.
func (tr *trial) check(t *testing.T) {
	t.Helper()
	operations := tr.operations(t)
	published := map[string]bool{}
	for _, m := range tr.ps.Messages("operations") {
		name := m.Attributes["operation"]
		op, ok := operations[name]
		if !ok {
			t.Errorf("%q was published and never started", name)
			continue
		}
		published[name] = true
		var data struct{ Name string }
		if err := json.Unmarshal(m.Data, &data); err != nil || data.Name != name {
			t.Errorf("%s was published with %s", name, m.Data)
		}
		for attribute, want := range map[string]string{
			"ce-id": name + "/started", "ce-subject": name, "ce-type": "eeexport.operation.started.v1",
			"requestId": op.RequestID, "asset": op.Asset, "project": "projects/" + op.Project,
		} {
			if got := m.Attributes[attribute]; got != want {
				t.Errorf("%s was published with the %s %q, want %q", name, attribute, got, want)
			}
		}
	}
	for name, op := range operations {
		if !published[name] {
			t.Errorf("%s, %q, was never published", name, op.Description)
		}
	}
	for _, m := range tr.ps.Messages("failures") {
		t.Errorf("given up: %v", m.Attributes)
	}
	tr.checkLog(t)
}

// operations returns the Operations by name, when there is one for each event.
func (tr *trial) operations(t *testing.T) map[string]eetest.Operation {
	t.Helper()
	byName, byAsset := map[string]eetest.Operation{}, map[string]int{}
	for _, op := range tr.ee.Operations() {
		byName[op.Name] = op
		byAsset[op.Asset]++
	}
	for event := range tr.events {
		if n := byAsset[asset(event)]; n != 1 {
			t.Errorf("%d Operations for event %d", n, event)
		}
	}
	if len(byName) != tr.events {
		t.Errorf("%d Operations for %d events", len(byName), tr.events)
	}
	return byName
}

// checkLog checks that a delivery that was answered has one line in the log,
// and one whose instance was killed at most one. (Beside it, the framework has
// a line of its own for what is not acknowledged.)
func (tr *trial) checkLog(t *testing.T) {
	t.Helper()
	lines := map[string]int{}
	for _, instance := range tr.service.Stop() {
		for text := range strings.Lines(instance.Log()) {
			var line struct {
				Class string
				Span  string `json:"logging.googleapis.com/spanId"`
			}
			switch err := json.Unmarshal([]byte(text), &line); {
			case err == nil:
				lines[line.Span]++
			case !strings.HasPrefix(text, "Function error: ") && strings.HasSuffix(text, "\n"): // killed in mid-line
				t.Errorf("in the log: %s", text)
			}
			if line.Class == "permanent" {
				t.Errorf("given up: %s", text)
			}
		}
	}
	for span, answered := range tr.answered {
		if n := lines[span]; n > 1 || answered && n == 0 {
			t.Errorf("%d log lines for the delivery %s (answered: %t)", n, span, answered)
		}
		delete(lines, span)
	}
	if len(lines) > 0 {
		t.Errorf("log lines for no delivery: %v", lines)
	}
}

// summary says in figures what has happened.
func (tr *trial) summary() string {
	messages := len(tr.ps.Messages("operations"))
	operations := len(tr.ee.Operations())
	broken := 0
	for _, answered := range tr.answered {
		if !answered {
			broken++
		}
	}
	return fmt.Sprintf("%d events in %s: %d deliveries, %d of them broken off, %d calls to Earth Engine, %d Operations, %d messages, %d of them duplicates",
		tr.events, time.Since(tr.began).Round(time.Millisecond), len(tr.answered), broken, tr.ee.Count(""), operations, messages, messages-operations)
}
