package prooftest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// TestTheModelIsThePipeline drives the real Exporter along paths that take every
// edge of the model that one instance can take: at each it must make the calls
// that the model makes, acknowledge what the model acknowledges, and leave
// behind the same.
func TestTheModelIsThePipeline(t *testing.T) {
	for _, r := range modelled {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.faults = 2
			if brief() {
				r.faults = 1
			}
			paths := sample(paths(&r.rules, r.alone))
			// A stand-in that holds a thousand Operations is slow.
			for batch := range slices.Chunk(paths, 100) {
				synctest.Test(t, func(t *testing.T) { r.replay(t, batch) })
			}
			t.Logf("%d paths", len(paths))
		})
	}
}

func (r *rules) replay(t *testing.T, paths []path[world]) {
	st := &stage{deployment: deploy(t, r.env(), eetest.WithWorld(r.World)), rules: r}
	st.script.direct(st.ee, st.ps.PubSub)
	for i, p := range paths {
		st.begin(fmt.Sprintf("projects/path-%d", i))
		for n, h := range p {
			if err := st.play(h); err != nil {
				t.Errorf("%v, after %s", err, p[:n+1])
				break
			}
		}
		if err := st.compare(p[len(p)-1].to); err != nil {
			t.Errorf("%v, after %s", err, p)
		}
	}
}

// env returns the settings that the model's rules stand for.
func (r *rules) env() map[string]string {
	if r.waits {
		return nil
	}
	return map[string]string{"REQUESTS_TOPIC": ""}
}

// stage is the real Exporter, on which a path is replayed.
type stage struct {
	*deployment
	*rules
	script   script
	project  string                    // of this path alone
	messages [2][3]handlertest.Message // by event, as in the model
}

// begin begins a path.
func (st *stage) begin(project string) {
	st.ps.Server().ClearMessages()
	st.project, st.messages = project, [2][3]handlertest.Message{}
	st.script.begin()
}

// play makes an edge happen. The calls of a delivery happen when it ends.
func (st *stage) play(h hop[world]) error {
	st.script.addEdge(st.rules, h.name)
	in := &h.from.instances[0]
	switch {
	case h.name == tenMinutesPass:
		time.Sleep(10*time.Minute + time.Second)
	case h.name == aWeekPasses:
		time.Sleep(7*24*time.Hour + time.Second)
	case in.at == idle && h.to.instances[0].at == idle:
		time.Sleep(time.Second) // so that an Operation is older, or younger
		e := 0
		if h.from.events[0].sent() {
			e = 1
		}
		st.messages[e][0] = handlertest.Message{ID: st.project + eventNames[e], Data: st.request(e), PublishTime: now()}
	case in.at == answer:
		return st.deliver(in)
	}
	return nil
}

// deliver makes the delivery that an instance has at its end.
func (st *stage) deliver(in *instance) error {
	time.Sleep(time.Second)
	m := &st.messages[in.event][in.message]
	switch {
	case in.late:
		m.DeliveryAttempt = max(m.DeliveryAttempt+1, 50)
	case !st.uncounted:
		m.DeliveryAttempt++
	}
	copies := len(st.ps.Messages(local.RequestsTopic))
	answer := st.deployment.deliver(*m)
	if acknowledged(answer) != in.settled {
		return fmt.Errorf("answered %d: %s", answer.Code, answer.Body)
	}
	if !st.script.begin() {
		return errors.New("other calls than the model's")
	}
	if all := st.ps.Messages(local.RequestsTopic); len(all) > copies {
		again := all[len(all)-1]
		st.messages[in.event][in.message+1] = handlertest.Message{ID: again.ID, Data: again.Data, Attributes: again.Attributes, PublishTime: now()}
	}
	return nil
}

// request is an event's request. Those of two senders share an ID.
func (st *stage) request(e int) []byte {
	fields := fmt.Sprintf(`"description":"%s at {time}",`, eventNames[e])
	if st.senders > 1 {
		fields = fmt.Sprintf(`"description":%q,"requestId":%q,`, eventNames[e], strings.ReplaceAll(st.project, "/", "-"))
	}
	if st.event == invalidEvent {
		fields += `"priority":-1,`
	}
	return request(st.project, st.asset(e), fields)
}

func (st *stage) asset(e int) string { return st.project + "/assets/" + eventNames[e] }

// compare compares the state with the end of a path in the model.
func (st *stage) compare(w *world) error {
	started := map[string]eetest.Operation{}
	for _, op := range st.ee.Operations() {
		if "projects/"+op.Project == st.project {
			started[op.Name] = op
		}
	}
	for e := range max(1, st.senders) {
		want, asset := &w.events[e], st.asset(int(e))
		own, published, failed, warned, copies := 0, 0, false, false, 0
		for _, op := range started {
			if op.Asset == asset {
				own++
			}
		}
		names := map[string]bool{}
		for _, m := range st.ps.Messages(local.OperationsTopic) {
			if m.Attributes["asset"] == asset && !names[m.Attributes["operation"]] {
				names[m.Attributes["operation"]] = true
				published++
			}
			if op := started[m.Attributes["operation"]]; op.Name == "" || op.RequestID != m.Attributes["requestId"] {
				return fmt.Errorf("published %v", m.Attributes)
			}
		}
		for _, m := range st.ps.Messages(local.FailuresTopic) {
			if bytes.Contains(m.Data, []byte(asset)) {
				failed, warned = true, warned || m.Attributes["mayHaveStarted"] == "true"
			}
		}
		for _, m := range want.messages[1:] {
			if m.stored {
				copies++
			}
		}
		for i := range st.messages[e][1:] {
			if st.messages[e][i+1].ID != "" {
				copies--
			}
		}
		if own != count(w.startedBy(e)) || published != count(want.published) || failed != want.failed || warned != want.warned || copies != 0 {
			return fmt.Errorf("%s has started %d and published %d Operations, failed: %t, warned: %t, %d copies less; want %+v",
				eventNames[e], own, published, failed, warned, copies, *want)
		}
	}
	return nil
}
