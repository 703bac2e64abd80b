package prooftest

import (
	"container/heap"
	"context"
	"flag"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

var quotaEvents = flag.Int("quota.events", 1000, "events that wait for a daily quota; no more than 20 with -short")

// eventarc delivers the messages of the requests topic in virtual time: each
// until it is acknowledged, with Pub/Sub's own pauses, and to the dead-letter
// topic after the 100th delivery.
type eventarc struct {
	*deployment
	due        dueMessages
	deliveries int
	acks       int
}

const maxDeliveries = 100

type dueMessage struct {
	handlertest.Message
	at time.Time
}

type dueMessages []dueMessage

func (q dueMessages) Len() int           { return len(q) }
func (q dueMessages) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q dueMessages) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *dueMessages) Push(x any)        { *q = append(*q, x.(dueMessage)) }
func (q *dueMessages) Pop() (x any) {
	last := len(*q) - 1
	x, *q = (*q)[last], (*q)[:last]
	return x
}

// run delivers until every message is done with.
func (e *eventarc) run(t *testing.T) {
	t.Helper()
	for {
		e.pull(t)
		if len(e.due) == 0 {
			return
		}
		m := heap.Pop(&e.due).(dueMessage)
		time.Sleep(time.Until(m.at))
		m.DeliveryAttempt++
		e.deliveries++
		switch answer := e.deliver(m.Message); {
		case acknowledged(answer):
			e.acks++
		case m.DeliveryAttempt == maxDeliveries:
			e.ps.Publish(local.DeadLettersTopic, m.Data, m.Attributes)
		default:
			m.at = time.Now().Add(min(600*time.Second, 10*time.Second<<min(m.DeliveryAttempt-1, 10)))
			heap.Push(&e.due, m)
		}
	}
}

// pull takes what has been published meanwhile.
func (e *eventarc) pull(t *testing.T) {
	t.Helper()
	subscription := "projects/" + handlertest.Project + "/subscriptions/" + eventSubscription
	for {
		answer, err := e.ps.Server().GServer.Pull(context.Background(), &pubsubpb.PullRequest{Subscription: subscription, ReturnImmediately: true})
		if err != nil {
			t.Fatal(err)
		}
		ack := &pubsubpb.AcknowledgeRequest{Subscription: subscription}
		for _, m := range answer.ReceivedMessages {
			ack.AckIds = append(ack.AckIds, m.AckId)
			heap.Push(&e.due, dueMessage{handlertest.Message{ID: m.Message.MessageId, Data: m.Message.Data,
				Attributes: m.Message.Attributes, PublishTime: now()}, time.Now()})
		}
		if len(ack.AckIds) == 0 {
			return
		}
		if _, err := e.ps.Server().GServer.Acknowledge(context.Background(), ack); err != nil {
			t.Fatal(err)
		}
	}
}

// TestADailyQuotaCostsNoRequest is about the daily limit of EECU-time: 100
// deliveries last for 16 hours, and the limit for longer.
func TestADailyQuotaCostsNoRequest(t *testing.T) {
	events := *quotaEvents
	if testing.Short() {
		events = min(events, 20) // each is delivered some 200 times
	}
	synctest.Test(t, func(t *testing.T) {
		d := deploy(t, nil)
		end := time.Now().Add(30 * time.Hour)
		d.ee.InjectFunc(func(*http.Request) *eetest.Fault {
			if time.Now().After(end) {
				return nil
			}
			return &eetest.Fault{Status: 400, Message: "The request exceeded the custom quota 'EECU-seconds per day'."}
		})
		for i := range events {
			d.ps.Publish(local.RequestsTopic, request("projects/my-project", fmt.Sprintf("projects/my-project/assets/%d", i), ""), nil)
		}
		e := &eventarc{deployment: d}
		start := time.Now()
		e.run(t)
		for topic, want := range map[string]int{local.OperationsTopic: events, local.FailuresTopic: 0, local.DeadLettersTopic: 0} {
			if got := len(d.ps.Messages(topic)); got != want {
				t.Errorf("%d messages on %s, want %d", got, topic, want)
			}
		}
		if got := len(d.ee.Operations()); got != events {
			t.Errorf("%d Operations for %d events", got, events)
		}
		t.Logf("%d events: %d deliveries in %v, of which %d were acknowledged", events, e.deliveries, time.Since(start), e.acks)
	})
}
