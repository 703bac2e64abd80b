package eetest

import (
	"container/heap"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// google.rpc codes that an ended Operation carries.
const (
	codeCancelled       = 1
	codeInvalidArgument = 3
)

// store holds the Operations and the assets. What has to be atomic (one
// Operation per request ID and caller, one queue per caller, the asset to the
// first that ends) is so because it happens under its one lock.
//
// Nothing runs in the background: settle brings the store up to the clock's
// time whenever somebody looks.
type store struct {
	clock           *Clock
	lifecycle       Lifecycle
	duplicateStatus int

	mu        sync.Mutex
	byName    map[string]*operation
	byRequest map[requestKey]*operation
	byProject map[string][]*operation // oldest first
	queued    map[string]int          // not yet ended, by caller
	peak      int                     // the longest that any caller's queue has been
	assets    map[string]bool
	due       dueHeap
	failures  []failure // of the next Operations to start
	created   int
}

type requestKey struct{ caller, requestID string }

type failure struct {
	code    int
	message string
}

// operation is an Operation as it is kept. Until it ends, its state follows
// from the times here and the clock's; see at.
type operation struct {
	Operation
	seq       int       // order of creation
	content   *content  // of the request that started it
	runAt     time.Time // PENDING before, RUNNING from then on
	endAt     time.Time // when it ends if nothing else happens
	cancelled time.Time // when its cancellation was asked for
	failure   *failure  // decided when it started
}

func newStore(c config) *store {
	st := &store{
		clock:           c.clock,
		lifecycle:       c.lifecycle,
		duplicateStatus: c.duplicateStatus,
		byName:          make(map[string]*operation),
		byRequest:       make(map[requestKey]*operation),
		byProject:       make(map[string][]*operation),
		queued:          make(map[string]int),
		assets:          make(map[string]bool),
	}
	for _, name := range c.assets {
		st.assets[name] = true
	}
	return st
}

// start makes the Operation for one export, or finds the one that its request
// ID has already started.
func (st *store) start(o Operation, body *content, q Quotas) (Operation, *apiError) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	key := requestKey{o.Caller, o.RequestID}
	if first, ok := st.byRequest[key]; ok && o.RequestID != "" {
		if st.duplicateStatus != 0 {
			return Operation{}, &apiError{http: st.duplicateStatus,
				message: fmt.Sprintf("A request with the request ID '%s' has already been made.", o.RequestID)}
		}
		return first.at(now), nil
	}
	if q.QueuedTasks >= 0 && st.queued[o.Caller] >= q.QueuedTasks {
		return Operation{}, &apiError{http: q.QueueFullStatus, message: fmt.Sprintf(
			"Too many tasks already in the queue (%d). Please wait for some of them to complete.", q.QueuedTasks)}
	}
	op := &operation{Operation: o, seq: st.created, content: body}
	op.Name = "projects/" + o.Project + "/operations/" + newID()
	op.State = Pending
	op.CreateTime, op.UpdateTime = now, now
	op.runAt = now.Add(st.lifecycle.Pending)
	op.endAt = op.runAt.Add(st.lifecycle.Running)
	if len(st.failures) > 0 {
		op.failure, st.failures = &st.failures[0], st.failures[1:]
	}
	st.created++
	st.byName[op.Name] = op
	st.byProject[o.Project] = append(st.byProject[o.Project], op)
	if o.RequestID != "" {
		st.byRequest[key] = op
	}
	st.queued[o.Caller]++
	st.peak = max(st.peak, st.queued[o.Caller])
	heap.Push(&st.due, due{op.endAt, op})
	// The answer tells it as it started, even where no time is all it takes.
	return op.Operation, nil
}

// newID returns 24 letters and digits, like Earth Engine's.
func newID() string {
	b := make([]byte, 15)
	rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)
}

// settle ends, in the order of their times, the Operations whose time has
// come, and returns the present.
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
	op.Body = nil // at reads it anew, as it may be dropped
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

// at returns the Operation as it stood at a time at which it had not ended, or
// as it ended.
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

// get returns one Operation.
func (st *store) get(name string) (Operation, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	op, ok := st.byName[name]
	if !ok {
		return Operation{}, false
	}
	return op.at(now), true
}

// page returns up to size Operations of a project, newest first, that were
// created before the one numbered before; and the number to go on from, or -1.
func (st *store) page(project string, before, size int) ([]Operation, int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	ops := st.byProject[project]
	i := len(ops)
	for i > 0 && before >= 0 && ops[i-1].seq >= before {
		i--
	}
	var page []Operation
	for i > 0 && len(page) < size {
		i--
		page = append(page, ops[i].at(now))
	}
	if i == 0 {
		return page, -1
	}
	return page, ops[i].seq
}

// cancel asks for the cancellation of an Operation. One that has ended stays
// as it is: success is not guaranteed.
func (st *store) cancel(name string) *apiError {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	op, ok := st.byName[name]
	switch {
	case !ok:
		return operationNotFound(name)
	case op.State.Done() || !op.cancelled.IsZero():
		return nil
	case now.Before(op.runAt) || st.lifecycle.Cancelling == 0:
		st.end(op, now, Cancelled, failure{codeCancelled, "Cancelled."})
		return nil
	}
	op.Progress = op.at(now).Progress
	op.cancelled, op.endAt = now, now.Add(st.lifecycle.Cancelling)
	heap.Push(&st.due, due{op.endAt, op})
	return nil
}

func operationNotFound(name string) *apiError {
	return &apiError{http: http.StatusNotFound, message: fmt.Sprintf("Operation '%s' not found.", name)}
}

// due is an end that is to come. Those that came otherwise stay in the heap
// until their time and are passed over then.
type due struct {
	at time.Time
	op *operation
}

// dueHeap orders the ends by time, and by creation where that is the same.
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
