package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"example.com/eeexport/eeclient"
)

// standing is where an Operation stands, as far as a person wants to know. It
// does not change once it is made.
type standing struct {
	Name        string         `json:"name"`
	State       eeclient.State `json:"state,omitempty"`
	Progress    float64        `json:"progress"`
	Stage       string         `json:"stage,omitempty"`
	Elapsed     float64        `json:"elapsedSeconds"`
	EECUSeconds float64        `json:"eecuSeconds"`
	Attempt     int            `json:"attempt,omitempty"`
	// Error is why it has failed, or could not be asked for.
	Error string `json:"error,omitempty"`
	// Operation is as Earth Engine has sent it, once it has ended.
	Operation json.RawMessage `json:"operation,omitempty"`

	created, updated, endTime time.Time

	ended eeclient.State // as what, once done
	done  bool
}

func newStanding(op *eeclient.Operation) *standing {
	s := &standing{
		Name:     op.Name(),
		State:    op.State(),
		Progress: op.Progress(),
		Stage:    currentStage(op.Stages()),
		Attempt:  op.Attempt(),
		created:  op.CreateTime(),
		updated:  op.UpdateTime(),
		endTime:  op.EndTime(),
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

// outcome is the state in which the Operation has ended. One that could not be
// watched counts as failed.
func (s *standing) outcome() eeclient.State {
	if s.ended == "" {
		return eeclient.Failed
	}
	return s.ended
}

// elapsed is how long ago the Operation was made, or how long it took. Whether
// this machine's clock or Earth Engine's is the later one, the time does not run
// backwards: a stand-in's may be far ahead.
func (s *standing) elapsed() time.Duration {
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

// percent is how much is done.
func (s *standing) percent() int { return int(math.Floor(100 * s.Progress)) }

// change is what has to differ for two standings to be worth two lines: not the
// time and the compute, which always do.
type change struct {
	state   eeclient.State
	percent int
	stage   string
	attempt int
	failure string
	done    bool
}

func (s *standing) change() change {
	return change{s.State, s.percent(), s.Stage, s.Attempt, s.Error, s.done}
}

// currentStage names the stage that the work is in, with how much of it is done.
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
	total, err := current.TotalWorkUnits.Float64()
	if err != nil || total == 0 {
		return current.DisplayName
	}
	complete, _ := current.CompleteWorkUnits.Float64()
	return fmt.Sprintf("%s %s/%s", current.DisplayName, units(complete), units(total))
}

func units(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
