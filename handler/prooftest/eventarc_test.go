package prooftest

import (
	"slices"
	"time"

	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// eventarc delivers the messages of the requests topic in virtual time: each
// until it is acknowledged, with Pub/Sub's own pauses, and to the dead-letter
// topic after the 100th delivery.
type eventarc struct {
	*deployment
	due        []dueMessage // the next first
	taken      int          // messages of the topic
	deliveries int
}

const maxDeliveries = 100

type dueMessage struct {
	handlertest.Message
	at time.Time
}

// run delivers until every message is acknowledged or a dead letter.
func (e *eventarc) run() {
	e.take()
	for len(e.due) > 0 {
		m := e.due[0]
		e.due = e.due[1:]
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
			e.push(m)
		}
	}
}

// take takes what has been published since it was called last.
func (e *eventarc) take() {
	messages := e.ps.Messages(local.RequestsTopic)
	for _, m := range messages[e.taken:] {
		e.push(dueMessage{handlertest.Message{ID: m.ID, Data: m.Data, Attributes: m.Attributes, PublishTime: now()}, time.Now()})
	}
	e.taken = len(messages)
}

// push puts a message in its place.
func (e *eventarc) push(m dueMessage) {
	i, _ := slices.BinarySearchFunc(e.due, m.at, func(d dueMessage, at time.Time) int { return d.at.Compare(at) })
	e.due = slices.Insert(e.due, i, m)
}
