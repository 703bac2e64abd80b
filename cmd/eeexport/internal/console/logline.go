package console

import (
	"bytes"
	"encoding/json"
	"io"
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

// Log returns a writer of the functions' log lines, a line a Write, that reads
// them and passes them on to next, which may be nil. It is for
// [local.Config.Log].
func (c *Console) Log(next io.Writer) io.Writer { return &logReader{c, next} }

type logReader struct {
	console *Console
	next    io.Writer
}

// Write implements [io.Writer].
func (l *logReader) Write(line []byte) (int, error) {
	var read logLine
	// Before the JSON stands the function's name; what has none is no line of a
	// request's.
	if at := bytes.IndexByte(line, '{'); at >= 0 && json.Unmarshal(line[at:], &read) == nil && read.Labels.ExecutionID != "" {
		l.console.logged(&read)
	}
	if l.next == nil {
		return len(line), nil
	}
	return l.next.Write(line)
}

// logged notes how a request ended.
func (c *Console) logged(line *logLine) {
	if line.Trigger == "watch" {
		return // its answer says more
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	id := line.Labels.ExecutionID
	r, a := c.state.find(id)
	if a == nil {
		c.state.early.put(id, line)
		return
	}
	line.fill(r, a)
	c.send("request", r)
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
