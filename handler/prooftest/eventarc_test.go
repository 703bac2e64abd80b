package prooftest

import (
	"container/heap"
	"time"

	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// eventarc delivers the messages of the requests topic in virtual time: each
// until it is acknowledged, with Pub/Sub's own pauses, and to the dead-letter
// topic after the 100th delivery.
type eventarc struct {
	*deployment
	due        dueMessages
	taken      int // messages of the topic
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
func (e *eventarc) run() {
	e.take()
	for len(e.due) > 0 {
		m := heap.Pop(&e.due).(dueMessage)
		time.Sleep(time.Until(m.at))
		m.DeliveryAttempt++
		e.deliveries++
		switch answer := e.deliver(m.Message); {
		case acknowledged(answer):
			e.take() // it may have been published again
		case m.DeliveryAttempt == maxDeliveries:
			e.ps.Publish(local.DeadLettersTopic, m.Data, m.Attributes)
		default:
			m.at = time.Now().Add(min(600*time.Second, 10*time.Second<<min(m.DeliveryAttempt-1, 10)))
			heap.Push(&e.due, m)
		}
	}
}

// take takes what has been published since it was called last.
func (e *eventarc) take() {
	messages := e.ps.Messages(local.RequestsTopic)
	for _, m := range messages[e.taken:] {
		heap.Push(&e.due, dueMessage{handlertest.Message{ID: m.ID, Data: m.Data, Attributes: m.Attributes, PublishTime: now()}, time.Now()})
	}
	e.taken = len(messages)
}
