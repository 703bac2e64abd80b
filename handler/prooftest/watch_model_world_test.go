package prooftest

// The watcher's model has one Operation, announced once or twice, and two ticks at
// once. Earth Engine may not know an Operation for a moment, and lists may lack it
// as long as it is new. An Operation that it has lost never comes back. Leases may
// end at any time.

// tickStep is how far a tick is. It has a call under way unless it is resting.
type tickStep uint8

const (
	resting tickStep = iota
	pull
	ask
	list
	publishEnd
	acknowledge
	giveBack
)

// ends is a set of ends that are published of an Operation.
type ends uint8

const (
	trueEnd ends = 1 << iota
	notFound
)

// tick is one call of the watcher.
type tick struct {
	at    tickStep
	holds uint8 // messages, by their bits
	end   ends  // that it has learned
}

// The holders of a lease besides the ticks, which are 1 and 2.
const (
	noHolder uint8 = 0
	lost     uint8 = 3
)

// announcement is a message on the watcher's subscription.
type announcement struct {
	stored, acked bool
	holder        uint8
}

// watched is everything that the watcher reads or changes, at one moment.
type watched struct {
	ticks         [2]tick
	announcements [2]announcement

	ended     bool // the Operation
	forgotten bool // by Earth Engine, for good, and before it has ended
	old       bool // it was started more than an hour ago
	unknown   bool // to a call for it, for the moment
	unlisted  bool // for the moment

	published ends // on the completions topic
	strayEnds ends // publishes whose caller is gone
	faults    uint8
}

// watchRules define how a watched world changes.
type watchRules struct {
	faults uint8

	// What a test breaks, to check that the exploration finds it.
	acknowledgesFirst bool // before the end is published
	declaresNewLost   bool // declares an Operation lost that is not an hour old
	doesNotList       bool // before it declares an Operation lost
	leasesNeverEnd    bool
	endsRunning       bool // does not check whether the Operation has ended
}

// next implements model.
func (r *watchRules) next(w watched) (edges []edge[watched]) {
	add := r.adder(w, &edges)
	r.outside(w, add)
	for i := range w.ticks {
		r.nextOf(w, i, add)
	}
	if w.strayEnds&^w.published != 0 {
		add("a stray end is stored", false, func(w *watched) { w.published |= w.strayEnds })
	}
	return edges
}

func (r *watchRules) adder(w watched, edges *[]edge[watched]) add[watched] {
	return adder(w, func(w *watched) *uint8 { return &w.faults }, r.faults, edges)
}

// The names of the edges that a replay performs itself.
const (
	announced = "it is announced"
	itEnds    = "the Operation ends"
	itIsLost  = "Earth Engine loses the Operation"
	anHour    = "an hour passes"
	leaseEnds = "the leases end"
)

// outside adds what happens without a tick.
func (r *watchRules) outside(w watched, add add[watched]) {
	for i, a := range w.announcements {
		if !a.stored && (i == 0 || w.announcements[0].stored) {
			add(announced, i > 0, func(w *watched) { w.announcements[i].stored = true })
			break
		}
	}
	if !w.ended && !w.forgotten {
		add(itEnds, false, func(w *watched) { w.ended = true })
		add(itIsLost, true, func(w *watched) { w.forgotten = true })
	}
	if !w.old {
		add(anHour, false, func(w *watched) { w.old, w.unlisted = true, false })
	}
	if w.unknown {
		add("it is known again", false, func(w *watched) { w.unknown = false })
	} else {
		add("it is unknown", true, func(w *watched) { w.unknown = true })
	}
	switch {
	case w.unlisted:
		add("it is listed again", false, func(w *watched) { w.unlisted = false })
	case !w.old: // a list that lags does not forget
		add("it is not listed", true, func(w *watched) { w.unlisted = true })
	}
	if !r.leasesNeverEnd && w.announcements[0].holder|w.announcements[1].holder != noHolder {
		add(leaseEnds, false, func(w *watched) { w.announcements[0].holder, w.announcements[1].holder = noHolder, noHolder })
	}
}

// violation implements model.
func (r *watchRules) violation(w *watched) string {
	switch {
	case w.published&trueEnd != 0 && !w.ended:
		return "an end is published before it has come"
	case w.published&notFound != 0 && !w.forgotten:
		return "an Operation is declared lost that is not"
	case w.published == trueEnd|notFound:
		return "two ends are published of one Operation"
	case w.published == 0 && (w.announcements[0].acked || w.announcements[1].acked):
		return "acknowledged, and no end is published"
	}
	return ""
}

// done implements model.
func (r *watchRules) done(w *watched) bool {
	for _, a := range w.announcements {
		if a.stored != a.acked {
			return false
		}
	}
	return w.announcements[0].stored
}

// symmetric implements model.
func (r *watchRules) symmetric(w watched) watched {
	a, b := w.ticks[0], w.ticks[1]
	if inOrder(a, b) {
		return w
	}
	w.ticks[0], w.ticks[1] = b, a
	for i := range w.announcements {
		switch a := &w.announcements[i]; a.holder {
		case 1, 2:
			a.holder = 3 - a.holder
		}
	}
	return w
}
