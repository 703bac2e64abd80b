package prooftest

import (
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

var quotaEvents = flag.Int("quota.events", 1000, "events that wait for a daily quota; no more than 10 with -short")

// TestALongOutageLosesNoRequest has an Earth Engine that cannot serve for longer
// than the 100 deliveries of a dead-letter policy last, some 16 hours.
func TestALongOutageLosesNoRequest(t *testing.T) {
	events, few := *quotaEvents, 3
	if brief() {
		events, few = min(events, 10), 1 // each is delivered some 200 times, or 400
	}
	const custom = "The request exceeded the custom quota 'EECU-seconds per day'."
	down := &eetest.Fault{Status: 503}
	for _, tc := range []struct {
		name   string
		events int
		world  eetest.World
		lasts  time.Duration
		fault  *eetest.Fault
	}{
		{"a daily quota", events, eetest.World{}, 30 * time.Hour, &eetest.Fault{Status: 400, Message: custom}},
		{"a weekend without an answer", few, eetest.World{}, 63 * time.Hour, down},
		{"a weekend of answers that are lost", few, eetest.World{}, 63 * time.Hour, &eetest.Fault{Started: true, Status: 503}},
		{"a weekend of answers that are lost, and no byte may differ", few, eetest.World{Repeat: eetest.RefuseOther}, 63 * time.Hour, &eetest.Fault{Started: true, Status: 503}},
		{"a weekend of answers that are lost, and repeats already exist", few, exists, 63 * time.Hour, &eetest.Fault{Started: true, Status: 503}},
		{"a weekend of calls that hang", few, eetest.World{}, 63 * time.Hour, &eetest.Fault{Delay: time.Hour}},
		{"a service that is disabled for six days", few, eetest.World{}, 6 * 24 * time.Hour, &eetest.Fault{Status: 403, Reason: "SERVICE_DISABLED"}},
		{"a list that lags ten minutes after an answer that is lost", few, lagged, time.Second, &eetest.Fault{Started: true, Status: 503, RetryAfter: "60"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := deploy(t, nil, eetest.WithWorld(tc.world))
				start := time.Now()
				d.ee.InjectFunc(func(*http.Request) *eetest.Fault {
					if time.Since(start) < tc.lasts {
						return tc.fault
					}
					return nil
				})
				for i := range tc.events {
					d.ps.Publish(local.RequestsTopic, request("projects/my-project", fmt.Sprintf("projects/my-project/assets/%d-{time}", i),
						fmt.Sprintf(`"description":"event %d at {isotime}",`, i)), map[string]string{"team": "a"})
				}
				deliveries := d.deliverAll(t)
				d.check(t, tc.events, start)
				t.Logf("%d deliveries in %v", deliveries, time.Since(start))
			})
		})
	}
}

// deliverAll delivers the messages of the requests topic in virtual time, with
// Pub/Sub's own pauses: each until it is acknowledged, or goes to the dead-letter
// topic after the 100th delivery. Then it delivers what was published again
// meanwhile. It returns the number of deliveries.
func (d *deployment) deliverAll(t *testing.T) (deliveries int) {
	t.Helper()
	for taken := 0; taken < len(d.ps.Messages(local.RequestsTopic)); {
		messages, published := d.ps.Messages(local.RequestsTopic)[taken:], now()
		taken += len(messages)
		push := handlertest.Push{Workers: 1, MinBackoff: 10 * time.Second, MaxBackoff: 600 * time.Second}
		push.Deliver = func(i, n int) bool {
			deliveries++
			m := messages[i]
			if acknowledged(d.deliver(handlertest.Message{ID: m.ID, Data: m.Data, Attributes: m.Attributes, PublishTime: published, DeliveryAttempt: n})) {
				return true
			}
			if n == 100 {
				d.ps.Publish(local.DeadLettersTopic, m.Data, m.Attributes)
			}
			return n == 100
		}
		if err := push.Run(t.Context(), len(messages)); err != nil {
			t.Error(err)
		}
	}
	return deliveries
}

// check checks that each event was published at a time and has become one
// Operation, whose name is on the topic.
func (d *deployment) check(t *testing.T, events int, at time.Time) {
	t.Helper()
	for _, topic := range []string{local.FailuresTopic, local.DeadLettersTopic} {
		for _, m := range d.ps.Messages(topic) {
			t.Errorf("on %s: %v", topic, m.Attributes)
		}
	}
	started := d.ee.Operations()
	published := map[string]bool{}
	for _, m := range d.ps.Messages(local.OperationsTopic) {
		published[m.Attributes["operation"]] = true
	}
	for _, op := range started {
		if !published[op.Name] {
			t.Errorf("%s is not published", op.Name)
		}
		// Placeholders stand for the time at which the event was published first.
		if !strings.HasSuffix(op.Description, " at "+at.UTC().Format(time.RFC3339)) || !strings.HasSuffix(op.Asset, at.UTC().Format("-20060102T150405Z")) {
			t.Errorf("started as %q for %s", op.Description, op.Asset)
		}
	}
	if len(started) != events || len(published) != events {
		t.Errorf("%d Operations and %d published for %d events", len(started), len(published), events)
	}
	for _, m := range d.ps.Messages(local.RequestsTopic)[events:] {
		if m.Attributes["team"] != "a" || m.Attributes["firstPublishTime"] != at.UTC().Format(time.RFC3339Nano) || m.Attributes["requestId"] == "" {
			t.Errorf("published again with %v", m.Attributes)
		}
	}
}
