package prooftest

import (
	"strings"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/outcome"
)

// nextOf adds what can happen to instance i.
func (r *rules) nextOf(w world, i int, add add[world]) {
	in := w.instances[i]
	step := addStep[world, instance](func(name string, fault bool, change func(*world, *instance)) {
		add(name, fault, func(w *world) { change(w, &w.instances[i]) })
	})
	if in.at != idle {
		step("killed", true, func(w *world, in *instance) {
			leaveStray(w, in)
			*in = instance{}
		})
	}
	switch in.at {
	case idle:
		for e := range w.events {
			for m := range w.events[e].messages {
				r.deliver(w, uint8(e), uint8(m), step)
			}
		}
	case decode:
		step("decoded", false, func(w *world, in *instance) {
			in.at = submit
			if r.event == invalidEvent {
				r.settle(w, in, outcome.InvalidField("", ""))
			}
		})
	case submit:
		r.submit(step)
	case find:
		r.find(step)
	case publish:
		store := func(w *world, in *instance) { w.events[in.event].published.add(in.op) }
		publishing("Pub/Sub stores", "the publish", step, store, leaveStray,
			func(w *world, in *instance) { r.settle(w, in, &outcome.Outcome{Kind: outcome.Exported}) },
			func(w *world, in *instance) { r.settle(w, in, outcome.NotPublished(new(eeclient.Operation), nil)) })
	case publishFailure:
		publishing("Pub/Sub stores the failure", "the failure's publish", step, r.storeFailure, leaveStray,
			func(_ *world, in *instance) { in.at, in.settled = answer, !r.neverSettlesFailures },
			func(_ *world, in *instance) { in.at = answer })
	case publishAgain:
		store := func(w *world, in *instance) {
			m := &w.events[in.event].messages[in.message+1]
			m.stored, m.acked = true, false
		}
		publishing("Pub/Sub stores the copy", "the copy's publish", step, store, leaveStray,
			func(_ *world, in *instance) { in.at, in.settled = answer, true },
			func(_ *world, in *instance) { in.at = answer })
	case answer:
		step("answered", false, func(w *world, in *instance) {
			e := &w.events[in.event]
			e.overtaken = e.overtaken || in.settled && in.overtaken
			m := &e.messages[in.message]
			m.acked = m.acked || in.settled || r.acknowledgesAlways
			*in = instance{}
		})
		step("the answer is lost", true, func(_ *world, in *instance) { *in = instance{} })
	}
}

// maxDeliveriesCounted bounds a world in which something depends on their number.
const maxDeliveriesCounted = maxOps

// deliver adds the delivery of a message. Pub/Sub may redeliver one that is
// acknowledged, or that another instance is working on.
func (r *rules) deliver(w world, e, number uint8, step addStep[world, instance]) {
	m := w.events[e].messages[number]
	if !m.stored || w.deliveries == maxDeliveriesCounted || r.losesNackedOnes && m.delivered {
		return
	}
	for _, late := range []bool{false, true} {
		if late != m.late && (m.late || !r.waits || !m.delivered || int(number) == len(w.events[e].messages)-1) {
			continue
		}
		name := "delivered " + eventNames[e] + strings.Repeat(", a copy", int(number))
		if late {
			name += ", for the 50th time"
		}
		step(name, false, func(w *world, in *instance) {
			for j := range w.instances {
				other := &w.instances[j]
				other.overtaken = other.overtaken || other.at != idle && other.event == e
			}
			event := &w.events[e]
			m := &event.messages[number]
			event.overtaken = event.overtaken || m.acked
			*in = instance{at: decode, event: e, message: number, late: late, again: number > 0 || m.delivered || r.uncounted, old: event.age >= old}
			m.delivered, m.late = true, late
			if r.submitsUnread {
				in.at = submit
			}
			switch {
			case r.randomIDs:
				in.id = w.deliveries
			case r.copyHasNewID:
				in.id = number
			}
			if r.randomIDs {
				w.deliveries++
			}
		})
	}
}

// submit adds what can happen to a call of Earth Engine.
func (r *rules) submit(step addStep[world, instance]) {
	step("Earth Engine answers", false, func(w *world, in *instance) {
		r.judge(w, in, r.earthEngine(w, in.event, in.id))
	})
	step("the token is refused", true, func(w *world, in *instance) {
		if in.renewed {
			r.end(w, in, notAccepted)
			return
		}
		in.renewed = true
	})
	if r.event == goodEvent {
		for _, says := range []struct {
			name string
			err  eeclient.Error
		}{
			{"Earth Engine refuses", refusal},
			{"the quota is used up", quota},
			{"Earth Engine does not accept the deployment", notAccepted},
		} {
			step(says.name, true, func(w *world, in *instance) {
				in.refused = true
				r.end(w, in, says.err)
			})
		}
	}
	for _, lost := range []effect[world, instance]{
		{"the request is lost", nothing[world, instance]},
		{"Earth Engine's answer is lost", func(w *world, in *instance) { r.earthEngine(w, in.event, in.id) }},
		{"the call is late", leaveStray},
	} {
		step(lost.name+triedAgain, true, func(w *world, in *instance) {
			lost.of(w, in)
			in.lost = true
		})
		step(lost.name+givenUp, true, func(w *world, in *instance) {
			lost.of(w, in)
			r.end(w, in, unavailable)
		})
	}
}

// find adds what can happen to a list.
func (r *rules) find(step addStep[world, instance]) {
	step("Earth Engine lists", false, func(w *world, in *instance) {
		list := w.started()
		if r.lags() {
			list = w.listed
		}
		r.search(w, in, list)
	})
	step("the list is refused", true, func(w *world, in *instance) { r.search(w, in, 0) })
	step("the list is lost"+triedAgain, true, nothing)
	step("the list is lost"+givenUp, true, func(w *world, in *instance) { r.end(w, in, unavailable) })
}

// leaveStray leaves the instance's call behind on the network.
func leaveStray(w *world, in *instance) {
	switch in.at {
	case submit:
		w.strayCalls[in.event].add(in.id)
	case publish:
		w.strayPublishes[in.event].add(in.op)
	case publishFailure:
		f := &w.strayFailures[in.event]
		f.sent, f.warns = true, f.warns || in.warns
	case publishAgain:
		w.strayCopies[in.event][in.message+1] = true
	}
}
