package eetest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// google.rpc codes of ended Operations.
const (
	codeCancelled       = 1
	codeInvalidArgument = 3
)

// store holds the Operations and the assets. Its lock guarantees one Operation for
// each caller and request ID, one queue for each caller, and the asset for the
// first Operation that ends.
//
// Nothing runs in the background: settle brings the store up to date before each
// access.
type store struct {
	clock     *Clock
	lifecycle Lifecycle
	world     World

	mu        sync.Mutex
	byName    map[string]*operation
	byRequest map[requestKey]*operation
	byProject map[string][]*operation // oldest first
	queued    map[string]int          // not yet ended, by caller
	peak      int                     // of any caller's queue
	assets    map[string]bool
	live      []*operation // that have not ended, oldest first
	failures  []failure    // of the next Operations to start
	created   int          // number of Operations
	numbers   projectNumbers
}

type requestKey struct{ caller, requestID string }

type failure struct {
	code    int
	message string
}

// operation is a stored Operation. Until it ends, its state follows from these
// times and the clock; see at.
type operation struct {
	Operation
	seq       int       // order of creation
	request   *Request  // that started it; nil for Add
	runAt     time.Time // PENDING before, RUNNING from then on
	endAt     time.Time // when it ends if nothing else happens
	cancelled time.Time // when it was cancelled
	failure   *failure  // decided when it started
	digest    [32]byte  // of the request, in a World that compares them
	hidden    bool      // see Server.Hide
}

func newStore(c config) *store {
	st := &store{
		clock:     c.clock,
		lifecycle: c.lifecycle,
		world:     c.world,
		byName:    make(map[string]*operation),
		byRequest: make(map[requestKey]*operation),
		byProject: make(map[string][]*operation),
		queued:    make(map[string]int),
		assets:    make(map[string]bool),
	}
	for _, name := range c.assets {
		st.assets[name] = true
	}
	return st
}

// start adds the Operation of an export, or finds the one that its request ID has
// started.
func (st *store) start(o Operation, body []byte, request *Request, queuedTasks int) (Operation, *apiError) {
	var digest [32]byte
	if st.world.Repeat == RefuseOther {
		digest = sha256.Sum256(body)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	if first, ok := st.byRequest[st.key(o)]; ok && o.RequestID != "" {
		if refusal := st.world.Repeat.repeated(o.RequestID, digest == first.digest); refusal != nil {
			return Operation{}, refusal
		}
		return first.at(now), nil
	}
	if queuedTasks >= 0 && st.queued[o.Caller] >= queuedTasks {
		return Operation{}, &apiError{http: http.StatusBadRequest, message: fmt.Sprintf(
			"Too many tasks already in the queue (%d). Please wait for some of them to complete.", queuedTasks)}
	}
	if st.world.RefuseExistingAsset && st.assets[o.Asset] && !o.Overwrite {
		return Operation{}, &apiError{http: http.StatusConflict, message: fmt.Sprintf("Cannot overwrite asset '%s'.", o.Asset)}
	}
	o.CreateTime = now
	op := st.add(o)
	op.request, op.digest = request, digest
	if len(st.failures) > 0 {
		op.failure, st.failures = &st.failures[0], st.failures[1:]
	}
	// The answer shows it PENDING even with the zero Lifecycle.
	return op.Operation, nil
}

// add adds an Operation that was created at its CreateTime.
func (st *store) add(o Operation) *operation {
	op := &operation{Operation: o, seq: st.created}
	op.Name = st.canonical("projects/" + o.Project + "/operations/" + newID())
	op.State, op.UpdateTime, op.noCreateTime = Pending, o.CreateTime, st.world.NoCreateTime
	op.runAt = o.CreateTime.Add(st.lifecycle.Pending)
	op.endAt = op.runAt.Add(st.lifecycle.Running)
	st.created++
	st.byName[op.Name] = op
	st.byProject[o.Project] = append(st.byProject[o.Project], op)
	if o.RequestID != "" {
		st.byRequest[st.key(o)] = op
	}
	st.queued[o.Caller]++
	st.peak = max(st.peak, st.queued[o.Caller])
	st.live = append(st.live, op)
	return op
}

// key returns the key of o's request ID.
func (st *store) key(o Operation) requestKey {
	if st.world.SharedRequestIDs {
		return requestKey{"", o.RequestID}
	}
	return requestKey{o.Caller, o.RequestID}
}

// newID returns 24 letters and digits, as Earth Engine does.
func newID() string {
	b := make([]byte, 15)
	rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)
}

// visible returns one Operation, for a client, who may not see it yet.
func (st *store) visible(name string) (Operation, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	op, ok := st.byName[st.canonical(name)]
	if !ok || op.hidden || now.Sub(op.CreateTime) < st.world.GetLag {
		return Operation{}, false
	}
	return op.at(now), true
}

// page returns up to size Operations of a project's list. It begins after the
// Operation numbered after, or with the first if after is negative, and returns
// the number to continue after, or -1.
func (st *store) page(project string, after, size int) (page []Operation, next int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	ops := slices.Clone(st.byProject[project])
	if !st.world.OldestFirst {
		slices.Reverse(ops)
	}
	for _, op := range ops {
		passed := op.seq >= after
		if st.world.OldestFirst {
			passed = op.seq <= after
		}
		if after >= 0 && passed || op.hidden || now.Sub(op.CreateTime) < st.world.ListLag {
			continue
		}
		if len(page) == size {
			return page, next
		}
		page, next = append(page, op.at(now)), op.seq
	}
	return page, -1
}

// cancel cancels an Operation. One that has ended stays as it is.
func (st *store) cancel(name string) *apiError {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	op, ok := st.byName[st.canonical(name)]
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
	return nil
}

func operationNotFound(name string) *apiError {
	return &apiError{http: http.StatusNotFound, message: fmt.Sprintf("Operation '%s' not found.", name)}
}
