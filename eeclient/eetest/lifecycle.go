package eetest

import (
	"container/heap"
	"time"
)

// settle ends the Operations that are due, in order, and returns the present.
func (st *store) settle() time.Time {
	now := st.clock.Now()
	for len(st.due) > 0 && !st.due[0].at.After(now) {
		next := heap.Pop(&st.due).(due)
		op := next.op
		switch {
		case op.State.Done() || !op.endAt.Equal(next.at):
			// Finished or cancelled in the meantime.
		case !op.cancelled.IsZero():
			st.end(op, next.at, Cancelled, failure{codeCancelled, "Cancelled."})
		case op.failure != nil:
			st.end(op, next.at, Failed, *op.failure)
		case st.assets[op.Asset] && !op.Overwrite:
			st.end(op, next.at, Failed, failure{codeInvalidArgument, "Cannot overwrite asset '" + op.Asset + "'."})
		default:
			st.end(op, next.at, Succeeded, failure{})
		}
	}
	return now
}

func (st *store) end(op *operation, when time.Time, state State, f failure) {
	op.Operation = op.at(when)
	op.Body = nil // at reads it each time, since it may be dropped
	op.State = state
	op.UpdateTime, op.EndTime = when, when
	op.ErrorCode, op.ErrorMessage = f.code, f.message
	if state == Succeeded {
		op.Progress = 1
		st.assets[op.Asset] = true
		if op.StartTime.IsZero() {
			op.StartTime = when
		}
	}
	st.queued[op.Caller]--
}

// at returns the Operation as it was at a time before its end, or as it ended.
func (op *operation) at(now time.Time) Operation {
	o := op.Operation
	o.Body = op.content.bytes()
	if o.State.Done() || now.Before(op.runAt) {
		return o
	}
	o.State, o.StartTime, o.UpdateTime = Running, op.runAt, now
	if !op.cancelled.IsZero() {
		o.State = Cancelling // its progress has stood still since
		return o
	}
	if span := op.endAt.Sub(op.runAt); span > 0 {
		o.Progress = round(float64(now.Sub(op.runAt)) / float64(span))
	}
	return o
}

// due is the time at which an Operation ends. If it ended otherwise, the entry
// stays in the heap until then and is skipped.
type due struct {
	at time.Time
	op *operation
}

// dueHeap orders the ends by time, and then by creation.
type dueHeap []due

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].op.seq < h[j].op.seq
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
