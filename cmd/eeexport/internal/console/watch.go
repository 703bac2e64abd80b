package console

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/handler/local"
)

// message is one on a topic.
type message struct {
	ID         string            `json:"id"`
	Topic      string            `json:"topic"`
	Time       time.Time         `json:"time"`
	Attributes map[string]string `json:"attributes"`
	Bytes      int               `json:"bytes"`
	// Origin is the ID of the message that this dead letter was.
	Origin string `json:"origin,omitempty"`
	// RedrivenAs is the ID of the message by which it was tried again.
	RedrivenAs string `json:"redrivenAs,omitempty"`
	verdict           // of a request that failed

	data []byte // its beginning; the page asks for it
}

// tick is a call of WatchOperations.
type tick struct {
	Time    time.Time       `json:"time"`
	Code    int             `json:"code"`
	Summary json.RawMessage `json:"summary,omitempty"` // the answer
	Message string          `json:"message,omitempty"` // of an error
}

// message records a published message.
func (c *Console) message(topic string, m *pubsub.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	view := &message{
		ID: m.ID, Topic: topic, Time: m.PublishTime, Attributes: m.Attributes, Bytes: len(m.Data),
		data: append([]byte(nil), m.Data[:min(len(m.Data), maxDataBytes)]...),
	}
	if view.Attributes == nil {
		view.Attributes = map[string]string{}
	}
	switch topic {
	case local.FailuresTopic:
		view.Message = view.Attributes["message"]
		// What cannot be read is in the attributes still.
		_ = json.Unmarshal([]byte(view.Attributes["violations"]), &view.Violations)
	case local.DeadLettersTopic:
		if d, ok := c.state.deadLetters.get(m.ID); ok {
			view.deadLettered(d)
		}
	case local.RequestsTopic:
		c.send("request", c.event(m.ID))
	}
	c.state.messages[topic].put(m.ID, view)
	c.send("message", view)
	if topic != local.FailuresTopic {
		return
	}
	for _, r := range c.state.requests.all() {
		if slices.ContainsFunc(r.Attempts, func(a attempt) bool { return a.RequestID == view.Attributes["requestId"] }) {
			c.state.explain(r)
			c.send("request", r)
		}
	}
}

// event is the request that a message of the requests topic is.
func (c *Console) event(messageID string) *request {
	r := c.state.request("message "+messageID, "event")
	r.MessageID = messageID
	return r
}

// Delivery records an attempt to deliver an event. It is for
// [local.Config.OnDelivery].
func (c *Console) Delivery(d local.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.event(d.MessageID)
	a := c.state.attempt(r, d.ExecutionID)
	a.Number, a.Redelivered = d.Attempt, d.Attempt == 0
	if d.Err != nil {
		a.Message = d.Err.Error()
	}
	switch {
	case d.DeadLetterID != "":
		a.Next = "moved to " + local.DeadLettersTopic
		c.deadLettered(d)
	case d.Pause > 0:
		a.Next = fmt.Sprintf("again in %v", d.Pause)
	case d.Acknowledged():
		a.Next = "acknowledged"
	}
	c.send("request", r)
}

// deadLettered records the last delivery of a message that was never
// acknowledged. The dead letter may be known already, or not yet.
func (c *Console) deadLettered(d local.Delivery) {
	m := c.state.message(d.DeadLetterID)
	if m == nil {
		c.state.deadLetters.put(d.DeadLetterID, d)
		return
	}
	m.deadLettered(d)
	c.send("message", m)
}

func (m *message) deadLettered(d local.Delivery) {
	m.Origin, m.verdict = d.MessageID, parseVerdict(d.Status, d.Body)
	switch {
	case m.Message != "":
	case d.Err != nil:
		m.Message = d.Err.Error()
	default:
		m.Message = fmt.Sprintf("answered %d", d.Status)
	}
}

// Exchange records a request to a function, and its answer. It is for
// [local.Config.OnExchange].
func (c *Console) Exchange(e local.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Target == local.WatcherTarget {
		if e.Status != 0 {
			c.ticked(e)
		}
		return
	}
	r := c.requestOf(e)
	a := c.state.attempt(r, e.ExecutionID)
	a.Time = e.Time
	if e.Status != 0 {
		a.exchange, a.Bytes = &e, e.Bytes
		// An event that can never succeed is answered 200 once it is on the failures
		// topic. The log has the code of its refusal.
		if a.Outcome == "" {
			a.Code = e.Status
		}
		if said := parseVerdict(e.Status, e.Answer); said.Message != "" {
			a.verdict = said
		}
	}
	c.send("request", r)
}

// requestOf returns the request that an exchange is an attempt of.
func (c *Console) requestOf(e local.Exchange) *request {
	switch {
	case e.Target != local.EventTarget:
		return c.state.request("execution "+e.ExecutionID, "http")
	case e.Header.Get("Ce-Type") == local.MessagePublished:
		return c.event(e.Header.Get("Ce-Id"))
	}
	return c.state.request("execution "+e.ExecutionID, "event")
}

func (c *Console) ticked(e local.Exchange) {
	c.state.tick = &tick{Time: e.Time, Code: e.Status, Message: parseVerdict(e.Status, e.Answer).Message}
	if json.Valid(e.Answer) && e.Status/100 == 2 {
		c.state.tick.Summary = e.Answer
	}
	c.send("tick", c.state.tick)
}
