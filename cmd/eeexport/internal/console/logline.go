package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
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
	Asset      string
	Attempts   int
	DurationMs struct{ Total float64 }
	// Of a tick of the watcher:
	Pending int
	Ended   struct{ Succeeded, Failed, Cancelled int }

	Labels struct {
		ExecutionID string `json:"execution_id"`
	} `json:"logging.googleapis.com/labels"`
	SpanID string `json:"logging.googleapis.com/spanId"`
}

// execution returns what tells this execution from others. The functions
// framework has no execution IDs for events. An event that is part of no trace
// has neither.
func (line *logLine) execution() string {
	if line.Trigger == "event" {
		return cmp.Or(line.SpanID, uuid.NewString())
	}
	return line.Labels.ExecutionID
}

// claimTime is how long the log line of an event's delivery waits to be told
// which message it was: the answer is read at about the same time as the line.
const claimTime = time.Second

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
	if at := bytes.IndexByte(line, '{'); at >= 0 && json.Unmarshal(line[at:], &read) == nil && read.Trigger != "" {
		l.console.logged(&read)
	}
	if l.next == nil {
		return len(line), nil
	}
	return l.next.Write(line)
}

// logged notes how a request ended.
func (c *Console) logged(line *logLine) {
	id := line.execution()
	c.mu.Lock()
	defer c.mu.Unlock()
	r, known := c.state.attempts[id]
	switch {
	case known:
	case line.Trigger == "watch":
		// A tick a minute would push all else away.
		r = c.state.request("watch", line.Trigger)
	case line.Trigger == "event":
		c.state.early[id] = line
		time.AfterFunc(claimTime, func() { c.unclaimed(id) })
		return
	default:
		r = c.state.request("execution "+id, line.Trigger)
	}
	line.fill(r, c.state.attempt(r, id))
	c.tell("request", r)
}

// unclaimed notes an event that has reached the function by another way than
// the requests topic.
func (c *Console) unclaimed(execution string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, still := c.state.early[execution]; !still {
		return
	}
	r := c.state.request("execution "+execution, "event")
	c.state.attempt(r, execution)
	c.tell("request", r)
}

// fill adds what the log says to what is known.
func (line *logLine) fill(r *request, a *attempt) {
	if line.Asset != "" {
		r.Asset = line.Asset
	}
	a.Outcome, a.Class, a.Code = line.Outcome, line.Class, line.Code
	a.RequestID, a.Operation = line.RequestID, line.Operation
	a.Calls, a.Millis = line.Attempts, line.DurationMs.Total
	if line.Trigger == "watch" {
		a.Note = fmt.Sprintf("pending %d; ended: succeeded %d, failed %d, cancelled %d",
			line.Pending, line.Ended.Succeeded, line.Ended.Failed, line.Ended.Cancelled)
	}
	// The line begins with the outcome, which is shown beside it.
	if message, ok := strings.CutPrefix(line.Message, line.Outcome+": "); ok && line.Class != "success" {
		a.Message = message
	}
}
