package console

import (
	"time"

	"example.com/eeexport/eeclient/eetest"
)

// operation is one of Earth Engine's Operations, as far as the page shows it.
type operation struct {
	Name        string       `json:"name"`
	RequestID   string       `json:"requestId"`
	Description string       `json:"description"`
	Asset       string       `json:"asset"`
	State       eetest.State `json:"state"`
	Progress    float64      `json:"progress"`
	Priority    int          `json:"priority"`
	Error       string       `json:"error,omitempty"`
	// Seconds is how long it has taken.
	Seconds float64 `json:"seconds"`
	// Seen is when each state was first seen, by the clock of this machine.
	Seen []sighting `json:"seen"`
}

type sighting struct {
	State eetest.State `json:"state"`
	Time  time.Time    `json:"time"`
}

// gauges are values that are polled.
type gauges struct {
	Usage eetest.Usage         `json:"usage"`
	Armed [len(faultKinds)]int `json:"armed"` // how many faults of each of faultKinds are still to come
}

// pollInterval is how often Operations and quotas are read. Neither announces its
// changes.
const pollInterval = 200 * time.Millisecond

// poll refreshes until the console is closed.
func (c *Console) poll() {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.mu.Lock()
			c.refresh()
			c.mu.Unlock()
		case <-c.finished:
			return
		}
	}
}

// refresh reads Earth Engine's state and sends the changes to the streams. The
// caller holds the lock.
func (c *Console) refresh() {
	known := make(map[string]*operation, len(c.state.operations))
	for _, op := range c.state.operations {
		known[op.Name] = op
	}
	c.state.operations = nil
	changed := []*operation{}
	all := c.stack.EarthEngine.Operations()
	for _, at := range all[max(0, len(all)-maxOperations):] {
		if c.state.cleared[at.Name] {
			continue
		}
		op := known[at.Name]
		if op == nil {
			op = &operation{Name: at.Name, RequestID: at.RequestID, Description: at.Description, Asset: at.Asset, Priority: at.Priority}
		}
		if op.update(&at) {
			changed = append(changed, op)
		}
		c.state.operations = append(c.state.operations, op)
	}
	if len(changed) > 0 {
		c.send("operations", changed)
	}
	if now := (gauges{c.stack.EarthEngine.Usage(), c.armed.counts()}); now != c.shown {
		c.shown = now
		c.send("status", now)
	}
}

// update takes over the Operation's state, and reports whether it has changed.
func (op *operation) update(at *eetest.Operation) bool {
	if op.State == at.State && op.Progress == at.Progress {
		return false
	}
	if op.State != at.State {
		op.Seen = append(op.Seen, sighting{at.State, time.Now()})
	}
	op.State, op.Progress, op.Error = at.State, at.Progress, at.ErrorMessage
	op.Seconds = at.UpdateTime.Sub(at.CreateTime).Seconds()
	return true
}
