package console

import (
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/local"
)

// message is one on a topic.
type message struct {
	ID         string            `json:"id"`
	Topic      string            `json:"topic"`
	Time       time.Time         `json:"time"`
	Attributes map[string]string `json:"attributes"`
	Bytes      int               `json:"bytes"`

	data []byte // its beginning; the page asks for it
}

// operation is one of Earth Engine's, in so far as the page shows it. Two of
// them can be compared.
type operation struct {
	Name        string       `json:"name"`
	RequestID   string       `json:"requestId"`
	Description string       `json:"description"`
	Asset       string       `json:"asset"`
	State       eetest.State `json:"state"`
	Progress    float64      `json:"progress"`
	Priority    int          `json:"priority"`
	Error       string       `json:"error,omitempty"`
	// Seconds is how long it has taken, by Earth Engine's clock.
	Seconds float64 `json:"seconds"`
}

// gauges are what has to be asked for again and again.
type gauges struct {
	Usage eetest.Usage         `json:"usage"`
	Armed [len(faultKinds)]int `json:"armed"` // of each of faultKinds, how many are still to come
}

// message notes one that was published.
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
	c.state.messages.put(m.ID, view)
	c.tell("message", view)
	if topic == local.RequestsTopic {
		c.tell("request", c.event(m.ID))
	}
}

// event is the request that a message of the requests topic is.
func (c *Console) event(messageID string) *request {
	r := c.state.request("message "+messageID, "event")
	r.MessageID = messageID
	return r
}

// Delivery notes an attempt to deliver an event. It is for
// [local.Config.OnDelivery].
func (c *Console) Delivery(d local.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.event(d.MessageID)
	a := c.state.attempt(r, d.SpanID)
	a.Number, a.Redelivered = d.Attempt, d.Attempt == 0
	a.answered(d.Status, d.Body, d.Err)
	switch {
	case d.DeadLetterID != "":
		a.Next = "moved to " + local.DeadLettersTopic
	case d.Pause > 0:
		a.Next = fmt.Sprintf("again in %v", d.Pause)
	case d.Acknowledged():
		a.Next = "acknowledged"
	}
	c.tell("request", r)
}

// refresh looks at Earth Engine and tells what has changed. The caller holds the
// lock.
func (c *Console) refresh() {
	before := make(map[string]operation, len(c.state.operations))
	for _, op := range c.state.operations {
		before[op.Name] = op
	}
	all := c.stack.EarthEngine.Operations()
	all = all[max(0, len(all)-maxOperations):]
	c.state.operations = make([]operation, len(all))
	changed := []operation{}
	for i := range all {
		op := newOperation(&all[i])
		c.state.operations[i] = op
		if before[op.Name] != op {
			changed = append(changed, op)
		}
	}
	if len(changed) > 0 {
		c.tell("operations", changed)
	}
	if now := (gauges{c.stack.EarthEngine.Usage(), c.armed.counts()}); now != c.shown {
		c.shown = now
		c.tell("status", now)
	}
}

func newOperation(op *eetest.Operation) operation {
	return operation{
		Name: op.Name, RequestID: op.RequestID, Description: op.Description, Asset: op.Asset, Priority: op.Priority,
		State: op.State, Progress: op.Progress, Error: op.ErrorMessage,
		Seconds: op.UpdateTime.Sub(op.CreateTime).Seconds(),
	}
}
