package prooftest

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/outcome"
)

// next implements model.
func (r *rules) next(w world) (edges []edge[world]) {
	add := r.adder(w, &edges)
	r.outside(w, add)
	for i := range w.instances {
		r.nextOf(w, i, add)
	}
	for e := range w.events {
		for op := range uint8(maxOps) {
			if w.strayCalls[e].has(op) {
				add("a stray call reaches Earth Engine", false, func(w *world) { r.earthEngine(w, uint8(e), op) })
			}
		}
		if w.strayPublishes[e]&^w.events[e].published != 0 {
			add("a stray publish is stored", false, func(w *world) { w.events[e].published |= w.strayPublishes[e] })
		}
		if f := w.strayFailures[e]; f.sent && (!w.events[e].failed || f.warns && !w.events[e].warned) {
			add("a stray failure is stored", false, func(w *world) {
				w.events[e].failed, w.events[e].warned = true, w.events[e].warned || f.warns
			})
		}
		for m, sent := range w.strayCopies[e] {
			if sent && !w.events[e].messages[m].stored {
				add("a stray copy is stored", false, func(w *world) { w.events[e].messages[m].stored = true })
			}
		}
	}
	return edges
}

// adder returns a function that adds to the edges from w.
func (r *rules) adder(w world, edges *[]edge[world]) add[world] {
	return adder(w, func(w *world) *uint8 { return &w.faults }, r.faults, edges)
}

// alone returns what can happen to a world with one instance, if nothing is
// killed and no call arrives after its caller has given up.
func (r *rules) alone(w world) (edges []edge[world]) {
	add := r.adder(w, &edges)
	if w.idle() { // the calls of a delivery are made at once
		r.outside(w, add)
	}
	r.nextOf(w, 0, add)
	return slices.DeleteFunc(edges, func(e edge[world]) bool {
		return e.name == "killed" || strings.Contains(e.name, " is late")
	})
}

// outside adds what happens without an instance: events are published, and time
// passes. A delivery has less than a minute, so none is under way meanwhile.
func (r *rules) outside(w world, add add[world]) {
	for e := range max(1, r.senders) {
		if !w.events[e].sent() {
			add("published "+eventNames[e], false, func(w *world) {
				w.events[e].messages[0].stored, w.events[e].older = true, w.started()
			})
			return // one after the other
		}
	}
	pass := func(name string, to uint8) {
		add(name, false, func(w *world) {
			w.listed = w.started()
			for e := range max(1, r.senders) {
				w.events[e].age = max(w.events[e].age, to)
			}
		})
	}
	switch youngest := min(w.events[0].age, w.events[max(1, r.senders)-1].age); {
	case !w.idle() || !r.waits && r.Repeat != eetest.AlreadyExists:
	case youngest == young:
		pass(tenMinutesPass, old)
	case youngest == old && r.waits:
		pass(aWeekPasses, expired)
	}
}

var eventNames = [...]string{"A", "B"}

const (
	tenMinutesPass = "ten minutes pass"
	aWeekPasses    = "a week passes"
)

// reply is Earth Engine's reply to a call.
type reply uint8

const (
	operation reply = iota
	alreadyExists
	refuses
)

// earthEngine makes a call take effect, and returns the reply.
func (r *rules) earthEngine(w *world, e, id uint8) reply {
	w.called = true
	switch owner := w.owners[id]; {
	case r.event != goodEvent:
		return refuses
	case owner == 0:
		w.owners[id] = e + 1
	case r.Repeat == eetest.AlreadyExists:
		return alreadyExists
	case r.Repeat == eetest.AlreadyExistsUnnamed, r.Repeat == eetest.RefuseOther && owner != e+1:
		return refuses
	}
	return operation
}

// Answers of Earth Engine and its client that end the call.
var (
	refusal     = eeclient.Error{Code: 400, Status: "INVALID_ARGUMENT", Blame: eeclient.Request}
	reused      = eeclient.Error{Code: 409, Status: "ALREADY_EXISTS", Blame: eeclient.Request, Reason: eeclient.ReasonRequestIDReused}
	duplicate   = eeclient.Error{Code: 409, Status: "ALREADY_EXISTS", Blame: eeclient.Request, Reason: eeclient.ReasonDuplicateRequest, MayHaveStarted: true}
	notListed   = eeclient.Error{Code: 409, Status: "UNAVAILABLE", Reason: eeclient.ReasonOperationNotListed, MayHaveStarted: true}
	quota       = eeclient.Error{Code: 429, Status: "RESOURCE_EXHAUSTED", Blame: eeclient.Quota}
	notAccepted = eeclient.Error{Code: 403, Status: "PERMISSION_DENIED", Blame: eeclient.Deployment}
	unavailable = eeclient.Error{Code: 503, Status: "UNAVAILABLE", MayHaveStarted: true}
)

// judge handles Earth Engine's reply to an instance.
func (r *rules) judge(w *world, in *instance, s reply) {
	switch s {
	case operation:
		anothers := w.owners[in.id] != in.event+1
		if anothers && w.events[in.event].older.has(in.id) && !r.NoCreateTime && !r.acceptsAnyAnswer {
			in.lost = false // the attempt whose answer was lost was answered likewise
			r.end(w, in, reused)
			return
		}
		in.at, in.op = publish, in.id
	case alreadyExists:
		in.at = find
		if r.neverFinds {
			r.end(w, in, refusal)
		}
	case refuses:
		in.refused = true
		r.end(w, in, refusal)
	}
}

// search looks for the Operation among those that a list holds.
func (r *rules) search(w *world, in *instance, list ops) {
	mine := w.startedBy(in.event) & list
	switch {
	case count(mine) == 1:
		in.at, in.op = publish, uint8(bits.TrailingZeros8(uint8(mine)))
	case in.old || r.doesNotWaitForLists:
		r.end(w, in, duplicate)
	default:
		r.end(w, in, notListed)
	}
}

// end ends the submission with an error.
func (r *rules) end(w *world, in *instance, err eeclient.Error) {
	err.MayHaveStarted = err.MayHaveStarted || in.lost && !r.forgetsLostAnswers
	r.settle(w, in, outcome.FromEarthEngine(&err))
}

// settle continues with publishing the outcome, or ends the delivery.
func (r *rules) settle(w *world, in *instance, out *outcome.Outcome) {
	if out.Class() == outcome.Transient && r.waits && w.events[in.event].age == expired {
		out = outcome.Overdue(out, time.Duration(0))
	}
	in.kind, in.warns = out.Kind, out.MayHaveStarted
	switch class := out.Class(); {
	case class == outcome.Transient && r.waits && in.late:
		in.at = publishAgain
	case class == outcome.Permanent:
		in.at = publishFailure
		in.warns = in.warns || in.kind == outcome.Refused && in.again && !r.forgetsDeliveries
		in.settled = r.acknowledgesFailures
	default:
		in.at, in.settled = answer, class == outcome.Success
	}
}

// storeFailure puts the instance's request on the failures topic.
func (r *rules) storeFailure(w *world, in *instance) {
	e := &w.events[in.event]
	e.failed = true
	e.warned = e.warned || in.warns
	e.givenUp = e.givenUp || r.event == goodEvent && in.kind == outcome.Refused && !in.refused && !in.old
}
