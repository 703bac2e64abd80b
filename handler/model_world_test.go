package handler_test

import (
	"math/bits"

	"example.com/eeexport/handler/outcome"
)

// The model is the promise made small enough to be explored whole: one event,
// two instances of the function, Earth Engine and Pub/Sub, and faults between
// any two of them. Its steps are the pipeline's; what an outcome means for the
// acknowledgement is asked of the pipeline's own [outcome.Outcome], and
// TestTheModelIsThePipeline drives the real Exporter along its paths.

// step is where an instance stands with the event. At submit, find, publish and
// publishFailure it has a call under way.
type step uint8

const (
	idle step = iota
	decode
	submit
	find
	publish
	publishFailure
	answer
)

// instance is one of the function's.
type instance struct {
	at   step
	id   uint8        // request ID of the delivery
	op   uint8        // Operation that it knows of, by the request ID that started it
	kind outcome.Kind // how the request has ended, at publishFailure and answer
	// failurePublished: it knows that the request is on the failures topic.
	failurePublished bool
}

// world is everything at one moment. Operations are named after the request ID
// that started them, and sets of them are bits.
type world struct {
	instances [2]instance

	started   uint8 // Operations at Earth Engine
	published uint8 // of which the name is on the operations topic
	failed    bool  // the request is on the failures topic
	acked     bool  // Pub/Sub has got an acknowledgement
	called    bool  // Earth Engine has been called

	// Calls whose caller is gone (it was killed, or has given up). They may
	// still arrive, at any time or never, and more than once for all it matters.
	strayCalls, strayPublishes uint8
	strayFailure               bool

	deliveries uint8 // so far; counted only where request IDs depend on it
	faults     uint8 // so far
}

// edge is one thing that can happen.
type edge struct {
	name  string
	fault bool
	to    world
}

// What kind of event it is.
const (
	goodEvent    = iota
	invalidEvent // breaks a rule
	refusedEvent // Earth Engine will not have it
)

// What Earth Engine says to a request ID that has been used.
const (
	sameOperation = iota
	alreadyExists
	alreadyExistsUnlisted // and its list does not show the Operation
)

// rules are what a world is subject to. The zero rules, with the pipeline's own
// acknowledgement, are those of the function as it is; a test changes one to
// see that the exploration finds what that breaks.
type rules struct {
	event, repeat int
	acknowledges  func(k outcome.Kind, failurePublished bool) bool

	randomIDs       bool // a request ID for each delivery, not for the event
	submitsUnread   bool // does not decode before it submits
	neverFinds      bool // takes "already exists" for a refusal
	losesNackedOnes bool // Pub/Sub delivers only once
}

// acknowledges is the function's own rule: an event whose outcome is an HTTP
// success is acknowledged, and one that can never succeed once it is on the
// failures topic.
func acknowledges(k outcome.Kind, failurePublished bool) bool {
	out := outcome.Outcome{Kind: k}
	return out.Code()/100 == 2 || out.Class() == outcome.Permanent && failurePublished
}

const maxFaults = 3

// next returns everything that can happen.
func (r *rules) next(w world) (edges []edge) {
	for i := range w.instances {
		r.nextOf(w, i, func(name string, fault bool, change func(*world, *instance)) {
			if fault && w.faults == maxFaults {
				return
			}
			to := w
			if fault {
				to.faults++
			}
			change(&to, &to.instances[i])
			edges = append(edges, edge{name, fault, to})
		})
	}
	for op := range uint8(8) {
		if w.strayCalls&(1<<op) != 0 {
			to := w
			r.earthEngine(&to, op)
			edges = append(edges, edge{"a stray call reaches Earth Engine", false, to})
		}
	}
	if w.strayPublishes&^w.published != 0 {
		to := w
		to.published |= w.strayPublishes
		edges = append(edges, edge{"a stray publish is stored", false, to})
	}
	if w.strayFailure && !w.failed {
		to := w
		to.failed = true
		edges = append(edges, edge{"a stray failure is stored", false, to})
	}
	return edges
}

// earthEngine does what Earth Engine does with a call, and returns the step that
// its answer leads to.
func (r *rules) earthEngine(w *world, id uint8) (next step, kind outcome.Kind) {
	w.called = true
	switch {
	case r.event != goodEvent:
		return publishFailure, outcome.Refused
	case w.started&(1<<id) == 0:
		w.started |= 1 << id
		return publish, 0
	case r.repeat == sameOperation:
		return publish, 0
	case r.neverFinds:
		return publishFailure, outcome.Refused
	}
	return find, 0
}

// nextOf gives what can happen to instance i to add.
func (r *rules) nextOf(w world, i int, add func(name string, fault bool, change func(*world, *instance))) {
	in := w.instances[i]
	if in.at != idle {
		add("killed", true, func(w *world, in *instance) {
			leaveStray(w, in)
			*in = instance{}
		})
	}
	// broken is a call that fails for its caller: it tries again, or ends so.
	broken := func(name string, kind outcome.Kind, effect func(*world, *instance)) {
		add(name+", tried again", true, effect)
		add(name+", given up", true, func(w *world, in *instance) {
			effect(w, in)
			*in = instance{at: answer, kind: kind}
		})
	}
	nothing := func(*world, *instance) {}
	switch in.at {
	case idle:
		if w.deliveries == 8 || r.losesNackedOnes && w.deliveries > 0 {
			return
		}
		// Pub/Sub may deliver an event even if it is acknowledged or with
		// another instance.
		add("delivered", false, func(w *world, in *instance) {
			*in = instance{at: decode}
			if r.submitsUnread {
				in.at = submit
			}
			if r.randomIDs {
				in.id = w.deliveries
			}
			if r.randomIDs || r.losesNackedOnes {
				w.deliveries++
			}
		})
	case decode:
		add("decoded", false, func(_ *world, in *instance) {
			in.at = submit
			if r.event == invalidEvent {
				in.at, in.kind = publishFailure, outcome.Invalid
			}
		})
	case submit:
		effect := func(w *world, in *instance) { r.earthEngine(w, in.id) }
		add("Earth Engine answers", false, func(w *world, in *instance) {
			in.op = in.id
			in.at, in.kind = r.earthEngine(w, in.id)
		})
		broken("the request is lost", outcome.Unavailable, nothing)
		broken("Earth Engine's answer is lost", outcome.Unavailable, effect)
		broken("the call is late", outcome.Unavailable, leaveStray)
	case find:
		add("Earth Engine lists", false, func(w *world, in *instance) {
			if r.repeat == alreadyExistsUnlisted || bits.OnesCount8(w.started) != 1 {
				in.at, in.kind = publishFailure, outcome.Refused // DUPLICATE_REQUEST
				return
			}
			in.at, in.op = publish, uint8(bits.TrailingZeros8(w.started))
		})
		broken("the list is lost", outcome.Unavailable, nothing)
	case publish:
		effect := func(w *world, in *instance) { w.published |= 1 << in.op }
		add("Pub/Sub stores", false, func(w *world, in *instance) {
			effect(w, in)
			*in = instance{at: answer, kind: outcome.Exported}
		})
		broken("the publish fails", outcome.Unpublished, nothing)
		broken("the publish's acknowledgement is lost", outcome.Unpublished, effect)
		broken("the publish is late", outcome.Unpublished, leaveStray)
	case publishFailure:
		effect := func(w *world, _ *instance) { w.failed = true }
		add("Pub/Sub stores the failure", false, func(w *world, in *instance) {
			effect(w, in)
			in.at, in.failurePublished = answer, true
		})
		broken("the failure's publish fails", in.kind, nothing)
		broken("the failure's acknowledgement is lost", in.kind, effect)
		broken("the failure's publish is late", in.kind, leaveStray)
	case answer:
		add("answered", false, func(w *world, in *instance) {
			w.acked = w.acked || r.acknowledges(in.kind, in.failurePublished)
			*in = instance{}
		})
		add("the answer is lost", true, func(_ *world, in *instance) { *in = instance{} })
	}
}

// leaveStray leaves the instance's call behind on the network.
func leaveStray(w *world, in *instance) {
	switch in.at {
	case submit:
		w.strayCalls |= 1 << in.id
	case publish:
		w.strayPublishes |= 1 << in.op
	case publishFailure:
		w.strayFailure = true
	}
}

// violation says which part of the promise a world breaks; "" for none.
func (r *rules) violation(w world) string {
	switch {
	case bits.OnesCount8(w.started) > 1:
		return "two Operations for one event"
	case w.published&^w.started != 0:
		return "an Operation is published that has not started"
	case w.acked && w.published == 0 && !w.failed:
		return "acknowledged, and on no topic"
	case r.event == invalidEvent && (w.called || w.strayCalls != 0):
		return "an invalid request has reached Earth Engine"
	case r.event != goodEvent && w.started != 0:
		return "a refused request has started an Operation"
	case r.event == goodEvent && r.repeat != alreadyExistsUnlisted && w.failed:
		return "a request that could succeed is given up"
	}
	return ""
}
