package console

import (
	"bytes"
	"encoding/json"
	"strings"
)

// logLine is the one structured line that a function writes of each request.
type logLine struct {
	Message    string
	Trigger    string
	Outcome    string
	Class      string
	Code       int
	RequestID  string
	Operation  string
	MessageID  string
	Asset      string
	Attempts   int
	DurationMs json.RawMessage

	Labels struct {
		ExecutionID string `json:"execution_id"`
	} `json:"logging.googleapis.com/labels"`
}

// Write records how a request ended, from a log line of a function. It ignores
// other lines. It is for [local.Config.Log].
func (c *Console) Write(text []byte) (int, error) {
	line := new(logLine)
	// The function's name precedes the JSON.
	start := max(0, bytes.IndexByte(text, '{'))
	if json.Unmarshal(text[start:], line) != nil || line.Labels.ExecutionID == "" || line.Trigger == "watch" {
		return len(text), nil // the answer of a watch says more
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, a := c.state.find(line.Labels.ExecutionID); a != nil {
		line.fill(r, a)
		c.state.explain(r)
		c.send("request", r)
	} else {
		c.state.early.put(line.Labels.ExecutionID, line)
	}
	return len(text), nil
}

// fill adds the log line's facts to a request and its attempt.
func (line *logLine) fill(r *request, a *attempt) {
	if line.Asset != "" {
		r.Asset = line.Asset
	}
	a.Outcome, a.Class, a.Code = line.Outcome, line.Class, line.Code
	a.RequestID, a.Operation, a.Published = line.RequestID, line.Operation, line.MessageID
	a.Calls, a.Durations = line.Attempts, line.DurationMs
	// The line begins with the outcome, which is shown beside it.
	if message, ok := strings.CutPrefix(line.Message, line.Outcome+": "); ok && line.Class != "success" && a.Message == "" {
		a.Message = message
	}
}
