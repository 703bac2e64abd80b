package prooftest

import (
	"container/heap"
	"context"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// eventarc delivers the messages of the requests topic in virtual time: each
// until it is acknowledged, with Pub/Sub's own pauses, and to the dead-letter
// topic after the 100th delivery.
type eventarc struct {
	*deployment
	due        dueMessages
	deliveries int
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

// run delivers until every message is acknowledged or a dead letter.
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
		case m.DeliveryAttempt == maxDeliveries:
			e.ps.Publish(local.DeadLettersTopic, m.Data, m.Attributes)
		default:
			m.at = time.Now().Add(min(600*time.Second, 10*time.Second<<min(m.DeliveryAttempt-1, 10)))
			heap.Push(&e.due, m)
		}
	}
}

// pull takes what has been published since the last pull.
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
