package watch

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
)

// Summary is what a tick did. Its JSON is the answer to the tick; the other
// fields are for the log.
type Summary struct {
	// Pending is how many Operations stay on the subscription.
	Pending int `json:"pending"`
	// Ended is how many ends were published and acknowledged, by state.
	Ended Ended `json:"ended"`
	// Errors is how many Operations could not be checked, or whose end could not
	// be published and acknowledged; they stay pending. A failed pull counts as
	// one more.
	Errors int `json:"errors"`
	// Foreign is how many messages are not a started Operation.
	Foreign int `json:"foreign"`
	// OldestPendingAge is how long ago the oldest Operation that is still
	// running was started, as a google.protobuf.Duration: "90s".
	OldestPendingAge string `json:"oldestPendingAge"`

	// OldestPending is OldestPendingAge as a number.
	OldestPending time.Duration `json:"-"`
	// Cause is the first error of each project and of the subscription, a line
	// each; nil if there is none.
	Cause error `json:"-"`
	// Usage is the compute of the ended Operations, in order.
	Usage []Usage `json:"-"`

	answered int // Operations without an error
}

// Ended counts ends by state.
type Ended struct {
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
}

// Usage is the compute that Operations of one project and workload tag have
// used, in EECU-seconds.
type Usage struct {
	Project, WorkloadTag string
	EECUSeconds          float64
}

// maxCauseBytes bounds each line of a Cause.
const maxCauseBytes = 1 << 10

// summary counts the Operations.
func (t *tick) summary() *Summary {
	s := &Summary{Errors: t.failedPulls, Foreign: len(t.foreign), Cause: t.cause()}
	type workload struct{ project, tag string }
	usage := make(map[workload]float64)
	now := time.Now()
	for _, o := range t.operations {
		if o.err == nil || errors.Is(o.err, errNotYetKnown) {
			s.answered++
		}
		if !o.acknowledged {
			s.Pending++
			if o.err != nil {
				s.Errors++
			}
			s.OldestPending = max(s.OldestPending, now.Sub(o.startTime()))
			continue
		}
		s.Ended.add(o)
		if o.found == nil {
			continue
		}
		if seconds, ok := o.found.EECUSeconds(); ok {
			attributes := o.started.GetAttributes()
			usage[workload{cmp.Or(attributes["project"], resource.ProjectOf(o.name)), attributes["workloadTag"]}] += seconds
		}
	}
	s.OldestPendingAge = fmt.Sprintf("%ds", int64(s.OldestPending/time.Second))
	for w, seconds := range usage {
		s.Usage = append(s.Usage, Usage{w.project, w.tag, seconds})
	}
	slices.SortFunc(s.Usage, func(a, b Usage) int {
		return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.WorkloadTag, b.WorkloadTag))
	})
	return s
}

func (e *Ended) add(o *operation) {
	switch end, _ := o.end(); end.State {
	case eeclient.Succeeded:
		e.Succeeded++
	case eeclient.Cancelled:
		e.Cancelled++
	default:
		e.Failed++
	}
}

// cause joins the noted errors.
func (t *tick) cause() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(t.causes)) {
		errs = append(errs, errors.New(text.Clip(name+": "+t.causes[name].Error(), maxCauseBytes)))
	}
	return errors.Join(errs...)
}

// nothingDone returns the cause if there were errors and nothing else.
func (s *Summary) nothingDone() error {
	if s.answered > 0 || s.Errors == 0 {
		return nil
	}
	return s.Cause
}
