package prooftest

// nextOf adds what can happen to tick i.
func (r *watchRules) nextOf(w watched, i int, add add[watched]) {
	t := w.ticks[i]
	step := addStep[watched, tick](func(name string, fault bool, change func(*watched, *tick)) {
		add(name, fault, func(w *watched) { change(w, &w.ticks[i]) })
	})
	if t.at != resting {
		step("killed", true, func(w *watched, t *tick) {
			if t.at == publishEnd {
				w.strayEnds |= t.end
			}
			w.release(i, lost)
			*t = tick{}
		})
	}
	rest := func(w *watched, t *tick) { *t = tick{} }
	switch t.at {
	case resting:
		if w.announcements[0].stored {
			step("ticks", false, func(_ *watched, t *tick) { t.at = pull })
		}
	case pull:
		r.pull(w, i, step)
	case ask:
		step("Earth Engine answers", false, func(w *watched, t *tick) {
			switch {
			case !w.unknown && !w.forgotten:
				r.learn(w, t)
			case w.old || r.declaresNewLost:
				if t.at = list; r.doesNotList {
					t.at, t.end = publishEnd, notFound
				}
			default:
				t.at = giveBack
			}
		})
		step("Earth Engine does not answer", true, func(_ *watched, t *tick) { t.at = giveBack })
	case list:
		step("Earth Engine lists", false, func(w *watched, t *tick) {
			if w.unlisted || w.forgotten {
				t.at, t.end = publishEnd, notFound
				return
			}
			r.learn(w, t)
		})
		step("Earth Engine does not list", true, func(_ *watched, t *tick) { t.at = giveBack })
	case publishEnd:
		publishing("Pub/Sub stores the end", "the publish", step,
			func(w *watched, t *tick) { w.published |= t.end },
			func(w *watched, t *tick) { w.strayEnds |= t.end },
			func(_ *watched, t *tick) {
				if t.at = acknowledge; r.acknowledgesFirst {
					*t = tick{}
				}
			},
			func(_ *watched, t *tick) { t.at = giveBack })
	case acknowledge:
		r.acknowledge(i, step)
	case giveBack:
		step("it is given back", false, func(w *watched, t *tick) {
			w.release(i, noHolder)
			rest(w, t)
		})
		step("it cannot be given back", true, func(w *watched, t *tick) {
			w.release(i, lost)
			rest(w, t)
		})
	}
}

// release passes the leases of tick i to another holder.
func (w *watched) release(i int, to uint8) {
	for j := range w.announcements {
		if a := &w.announcements[j]; a.holder == uint8(i+1) {
			a.holder = to
		}
	}
}

// pull adds what can happen to a tick's pulls.
func (r *watchRules) pull(w watched, i int, step addStep[watched, tick]) {
	// take leases up to most of the available announcements.
	take := func(w *watched, to uint8, most int) (taken uint8) {
		for j := range w.announcements {
			if a := &w.announcements[j]; a.stored && !a.acked && a.holder == noHolder && most > 0 {
				a.holder = to
				taken |= 1 << j
				most--
			}
		}
		return taken
	}
	available := take(&w, lost, 2) // w is a copy
	pulled := func(most int) func(w *watched, t *tick) {
		return func(w *watched, t *tick) {
			if t.at, t.holds = ask, take(w, uint8(i+1), most); t.holds == 0 {
				*t = tick{}
			}
		}
	}
	step("all is pulled", false, pulled(2))
	if available == 3 {
		step("a part is pulled", true, pulled(1))
	}
	if available != 0 {
		step("nothing is pulled", true, pulled(0))
		step("the pull's answer is lost", true, func(w *watched, t *tick) {
			take(w, lost, 2)
			*t = tick{}
		})
	}
	step("the pull fails", true, func(_ *watched, t *tick) { *t = tick{} })
}

// learn handles Earth Engine's answer about the Operation.
func (r *watchRules) learn(w *watched, t *tick) {
	if t.at = giveBack; w.ended || r.endsRunning {
		t.at, t.end = publishEnd, trueEnd
	}
	if t.at == publishEnd && r.acknowledgesFirst {
		t.at = acknowledge
	}
}

// acknowledge adds what can happen to an acknowledgement. After the lease has
// ended, it may or may not take effect.
func (r *watchRules) acknowledge(i int, step addStep[watched, tick]) {
	apply := func(w *watched, t *tick, late bool) {
		for j := range w.announcements {
			a := &w.announcements[j]
			if t.holds&(1<<j) != 0 && (late || a.holder == uint8(i+1)) {
				a.acked, a.holder = true, noHolder
			}
		}
	}
	over := func(_ *watched, t *tick) {
		if *t = (tick{at: resting}); r.acknowledgesFirst {
			t.at, t.end = publishEnd, trueEnd
		}
	}
	step("Pub/Sub acknowledges", false, func(w *watched, t *tick) {
		apply(w, t, false)
		over(w, t)
	})
	step("Pub/Sub acknowledges late", true, func(w *watched, t *tick) {
		apply(w, t, true)
		over(w, t)
	})
	step("the acknowledgement has no effect", true, func(w *watched, t *tick) {
		w.release(i, lost)
		over(w, t)
	})
	step("the acknowledgement fails", true, func(_ *watched, t *tick) { t.at = giveBack })
	step("the acknowledgement's answer is lost", true, func(w *watched, t *tick) {
		apply(w, t, false)
		t.at = giveBack
	})
}
