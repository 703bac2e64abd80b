package eetest

import (
	"slices"
	"time"
)

// settle ends the Operations that are due, in order, and returns the current
// time.
func (st *store) settle() time.Time {
	now := st.clock.Now()
	var due []*operation
	st.live = slices.DeleteFunc(st.live, func(op *operation) bool {
		if !op.State.Done() && !op.endAt.After(now) {
			due = append(due, op)
			return true
		}
		return op.State.Done() // finished or cancelled meanwhile
	})
	slices.SortStableFunc(due, func(a, b *operation) int { return a.endAt.Compare(b.endAt) })
	for _, op := range due {
		switch {
		case !op.cancelled.IsZero():
			st.end(op, op.endAt, Cancelled, failure{codeCancelled, "Cancelled."})
		case op.failure != nil:
			st.end(op, op.endAt, Failed, *op.failure)
		case st.assets[op.Asset] && !op.Overwrite:
			st.end(op, op.endAt, Failed, failure{codeInvalidArgument, "Cannot overwrite asset '" + op.Asset + "'."})
		default:
			st.end(op, op.endAt, Succeeded, failure{})
		}
	}
	return now
}

func (st *store) end(op *operation, when time.Time, state State, f failure) {
	op.Operation = op.at(when)
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
	if o.State.Done() || now.Before(op.runAt) {
		return o
	}
	o.State, o.StartTime, o.UpdateTime = Running, op.runAt, now
	if !op.cancelled.IsZero() {
		o.State = Cancelling // its progress ends with its cancellation
		return o
	}
	if span := op.endAt.Sub(op.runAt); span > 0 {
		o.Progress = round(float64(now.Sub(op.runAt)) / float64(span))
	}
	return o
}
