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
	DurationMs steps

	Labels struct {
		ExecutionID string `json:"execution_id"`
	} `json:"logging.googleapis.com/labels"`
}

// step is a part of an execution, and how long it took.
type step struct {
	Name   string  `json:"name"`
	Millis float64 `json:"millis"`
}

// steps are in the order in which they ended.
type steps []step

// UnmarshalJSON implements [json.Unmarshaler]: they are the members of an object.
func (s *steps) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		next := step{}
		next.Name, _ = name.(string) // the name of a member is one
		if err := dec.Decode(&next.Millis); err != nil {
			return err
		}
		*s = append(*s, next)
	}
	return nil
}

// Write notes how a request ended, from a log line of a function. It ignores other
// lines. It is for [local.Config.Log].
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
		c.send("request", r)
	} else {
		c.state.early.put(line.Labels.ExecutionID, line)
	}
	return len(text), nil
}

// fill adds what the log says to what is known.
func (line *logLine) fill(r *request, a *attempt) {
	if line.Asset != "" {
		r.Asset = line.Asset
	}
	a.Outcome, a.Class, a.Code = line.Outcome, line.Class, line.Code
	a.RequestID, a.Operation, a.Published = line.RequestID, line.Operation, line.MessageID
	a.Calls = line.Attempts
	a.Steps = nil
	for _, s := range line.DurationMs {
		if s.Name == "total" {
			a.Millis = s.Millis
		} else {
			a.Steps = append(a.Steps, s)
		}
	}
	// The line begins with the outcome, which is shown beside it.
	if message, ok := strings.CutPrefix(line.Message, line.Outcome+": "); ok && line.Class != "success" && a.Message == "" {
		a.Message = message
	}
}
