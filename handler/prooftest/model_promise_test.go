package prooftest

// violation returns which part of the promise a world breaks; "" for none.
func (r *rules) violation(w *world) string {
	strays := w.strayCalls[0] | w.strayCalls[1]
	switch {
	case r.event == invalidEvent && (w.called || strays != 0):
		return "an invalid request has reached Earth Engine"
	case r.event != goodEvent && w.started() != 0:
		return "a refused request has started an Operation"
	}
	for i := range w.events {
		e, own := &w.events[i], w.startedBy(uint8(i))
		unnamed := own&^e.published != 0
		switch {
		case count(own) > 1:
			return "two Operations for one event"
		case e.published&^w.started() != 0:
			return "an Operation is published that has not started"
		case e.published&e.older&^own != 0 && !r.NoCreateTime:
			return "an Operation is published under a request that did not start it"
		case e.done() && e.published == 0 && !e.failed:
			return "acknowledged, and on no topic"
		case e.done() && unnamed && !e.warned && !e.overtaken:
			return "given up while its Operation runs, without a warning"
		case e.givenUp:
			return "a request that could succeed is given up"
		}
	}
	return ""
}

// done reports whether every event is done.
func (r *rules) done(w *world) bool {
	for e := range max(1, r.senders) {
		if !w.events[e].done() {
			return false
		}
	}
	return true
}

// symmetric returns the world with its instances in order, since it makes no
// difference which of the two does something.
func (r *rules) symmetric(w world) world {
	if !inOrder(w.instances[0], w.instances[1]) {
		w.instances[0], w.instances[1] = w.instances[1], w.instances[0]
	}
	return w
}
