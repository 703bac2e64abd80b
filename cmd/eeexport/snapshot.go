package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
)

// snapshot is what is known about an Operation at one moment. It is immutable. Its
// JSON is a line of 'watch --json'.
type snapshot struct {
	Name        string         `json:"name"`
	State       eeclient.State `json:"state,omitempty"` // "" if it is not known
	Progress    float64        `json:"progress"`
	Stage       string         `json:"stage,omitempty"`
	Elapsed     float64        `json:"elapsedSeconds"`
	EECUSeconds float64        `json:"eecuSeconds"`
	Attempt     int            `json:"attempt,omitempty"`
	// Error is why the Operation failed, or why it could not be read.
	Error string `json:"error,omitempty"`
	// Operation is as Earth Engine sent it, once it has ended.
	Operation json.RawMessage `json:"operation,omitempty"`

	description               string
	created, updated, endTime time.Time
	ended                     eeclient.State // the final state; "" if unknown
	done                      bool           // it need not be read again
}

func newSnapshot(op *eeclient.Operation) *snapshot {
	s := &snapshot{
		Name:        op.Name(),
		State:       op.State(),
		Progress:    op.Progress(),
		Stage:       currentStage(op.Stages()),
		Attempt:     op.Attempt(),
		description: op.Description(),
		created:     op.CreateTime(),
		updated:     op.UpdateTime(),
		endTime:     op.EndTime(),
	}
	s.EECUSeconds, _ = op.EECUSeconds()
	s.ended, s.done = op.End()
	_, s.Error = op.Failure()
	if s.done {
		s.Operation = op.JSON()
	}
	s.Elapsed = s.elapsed().Seconds()
	return s
}

// elapsed returns how long ago the Operation was created, or how long it took.
// It never decreases if the clocks of this machine and of Earth Engine differ.
func (s *snapshot) elapsed() time.Duration {
	until := s.endTime
	if until.IsZero() {
		until = time.Now()
		if until.Before(s.updated) {
			until = s.updated
		}
	}
	if s.created.IsZero() {
		return 0
	}
	return max(0, until.Sub(s.created)).Round(time.Second)
}

// percent returns how much is done.
func (s *snapshot) percent() int { return int(math.Floor(100 * min(max(s.Progress, 0), 1))) }

// eecu returns the compute used, in EECU-seconds or, if it is much, EECU-hours.
func (s *snapshot) eecu() string {
	if s.EECUSeconds >= 100_000 {
		return fmt.Sprintf("%.0f EECU-h", s.EECUSeconds/3600)
	}
	return fmt.Sprintf("%.0f EECU-s", s.EECUSeconds)
}

// styled returns a state in its colour, padded to the columns.
func styled(state eeclient.State, columns int) tty.Span {
	style := map[eeclient.State]tty.Style{
		eeclient.Pending: tty.Dim, eeclient.Running: tty.Cyan, eeclient.Cancelling: tty.Yellow,
		eeclient.Succeeded: tty.Green, eeclient.Cancelled: tty.Yellow, eeclient.Failed: tty.Red,
	}[state]
	return style.Of(tty.Pad(tty.Clip(string(state), columns), columns))
}

// isNews reports whether a snapshot differs from the one before, which may be nil,
// in more than the time and the compute, which always differ.
func (s *snapshot) isNews(before *snapshot) bool {
	return before == nil || s.State != before.State || s.percent() != before.percent() || s.Stage != before.Stage ||
		s.Attempt != before.Attempt || s.Error != before.Error || s.done != before.done
}

// currentStage names the first stage that is not complete, with its share of the
// work; the last one if all are.
func currentStage(stages []eeclient.Stage) string {
	if len(stages) == 0 {
		return ""
	}
	current := stages[len(stages)-1]
	for _, stage := range stages {
		total, _ := stage.TotalWorkUnits.Float64()
		complete, _ := stage.CompleteWorkUnits.Float64()
		if total == 0 || complete < total {
			current = stage
			break
		}
	}
	return describeStage(current)
}

// describeStage returns a stage's name, with its share of the work if known.
func describeStage(s eeclient.Stage) string {
	total, err := s.TotalWorkUnits.Float64()
	if err != nil || total == 0 {
		return s.DisplayName
	}
	complete, _ := s.CompleteWorkUnits.Float64()
	return fmt.Sprintf("%s %s/%s", s.DisplayName, units(complete), units(total))
}

func units(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
