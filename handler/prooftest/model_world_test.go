package prooftest

import (
	"math/bits"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/outcome"
)

// The model is the promise made small enough to be explored whole: one event or
// two, two instances of the function, Earth Engine and Pub/Sub, and faults
// between any two of them. Its steps are the pipeline's. Package outcome itself
// decides what an answer of Earth Engine means and what an outcome allows;
// TestTheModelIsThePipeline drives the real Exporter along the model's paths.

// step is how far an instance is with an event. From submit to publishAgain it
// has a call under way.
type step uint8

const (
	idle step = iota
	decode
	submit
	find
	publish
	publishFailure
	publishAgain
	answer
)

// instance is one of the function's.
type instance struct {
	at        step
	event     uint8
	message   uint8
	late      bool // it has been delivered 50 times
	again     bool // an earlier delivery of the event may have submitted it
	overtaken bool // a later delivery has begun meanwhile
	old       bool // the event was ten minutes old when it arrived

	id      uint8 // request ID
	renewed bool  // it has got a new token
	lost    bool  // an attempt may have started an export, and has no answer
	refused bool  // by Earth Engine itself
	op      uint8 // that it knows of, at publish
	kind    outcome.Kind
	warns   bool // that an export may have started
	settled bool
}

// ops is a set of Operations. One is named after the request ID that started it.
type ops uint8

func (s ops) has(op uint8) bool { return s&(1<<op) != 0 }
func (s *ops) add(op uint8)     { *s |= 1 << op }

func count(s ops) int { return bits.OnesCount8(uint8(s)) }

// requestMessage is a message on the requests topic.
type requestMessage struct{ stored, delivered, late, acked bool }

// The ages of an event.
const (
	young   uint8 = iota
	old           // ten minutes
	expired       // longer than REQUEST_MAX_AGE
)

// event is a request that was published to the requests topic.
type event struct {
	age      uint8
	older    ops               // that had started before it was published
	messages [3]requestMessage // as it was published, as the function published it again, and that again

	published ops  // on the operations topic, under this request
	failed    bool // it is on the failures topic,
	warned    bool // with the warning that an export may have started,
	givenUp   bool // although it could have succeeded
	overtaken bool // a delivery began before an earlier one was acknowledged, or after
}

func (e *event) sent() bool { return e.messages[0].stored }

// done reports whether Pub/Sub has no message of the event left to deliver.
func (e *event) done() bool {
	for _, m := range e.messages {
		if m.stored != m.acked {
			return false
		}
	}
	return e.sent()
}

// maxOps is the number of request IDs that there can be.
const maxOps = 8

// world is everything at one moment.
type world struct {
	instances [2]instance
	events    [2]event

	owners [maxOps]uint8 // 1 + the event that started the Operation; 0 if none has
	listed ops           // that lists hold, if lists lag
	called bool          // Earth Engine has been called

	// Calls whose caller is gone: it was killed, or has given up. They may
	// arrive at any time, never, or more than once.
	strayCalls, strayPublishes [2]ops
	strayFailures              [2]struct{ sent, warns bool }
	strayCopies                [2][3]bool

	deliveries uint8 // so far; counted only if request IDs depend on it
	faults     uint8 // so far
}

func (w *world) started() (all ops) {
	for op, owner := range w.owners {
		if owner > 0 {
			all.add(uint8(op))
		}
	}
	return all
}

// startedBy returns the Operations that an event has started.
func (w *world) startedBy(e uint8) (own ops) {
	for op, owner := range w.owners {
		if owner == e+1 {
			own.add(uint8(op))
		}
	}
	return own
}

func (w *world) idle() bool { return w.instances[0].at == idle && w.instances[1].at == idle }

// What kind of event it is.
const (
	goodEvent    = iota
	invalidEvent // breaks a rule
	refusedEvent // Earth Engine refuses it
)

// rules define how a world changes.
type rules struct {
	eetest.World
	event     int
	senders   uint8 // how many events there are, with one request ID; 0 is 1
	waits     bool  // there is a requests topic, and time passes
	uncounted bool  // there is no dead-letter policy, which counts deliveries
	faults    uint8 // how many there may be

	// What a test breaks, to check that the exploration finds it.
	randomIDs            bool // a request ID for each delivery, not for the event
	copyHasNewID         bool // the event that waits is another request
	acknowledgesAlways   bool
	acknowledgesFailures bool // before they are published
	neverSettlesFailures bool
	submitsUnread        bool // does not decode before it submits
	neverFinds           bool // takes "already exists" for a refusal
	doesNotWaitForLists  bool
	forgetsLostAnswers   bool
	forgetsDeliveries    bool
	acceptsAnyAnswer     bool // does not check whose the Operation is
	losesNackedOnes      bool // Pub/Sub delivers only once
}

func (r *rules) lags() bool { return r.ListLag > 0 }
