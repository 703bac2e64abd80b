package prooftest

import (
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
)

var (
	exists = eetest.World{Repeat: eetest.AlreadyExists}
	lagged = eetest.World{Repeat: eetest.AlreadyExists, ListLag: 10 * time.Minute}
	others = eetest.World{Repeat: eetest.RefuseOther}
)

// modelled are the worlds in which the promise must hold.
var modelled = []struct {
	name string
	rules
}{
	{"an event whose repeat is answered with the Operation", rules{}},
	{"an event whose repeat already exists", rules{World: exists}},
	{"an event whose repeat already exists, and lists lag", rules{World: lagged}},
	{"an event whose repeat already exists, in an answer that does not name the request ID", rules{World: eetest.World{Repeat: eetest.AlreadyExistsUnnamed}}},
	{"an event whose repeat is refused if its bytes differ", rules{World: others}},
	{"an event whose deliveries are not counted", rules{uncounted: true}},
	{"an event of a project that is known by its number", rules{World: eetest.World{ProjectNumbers: true}}},
	{"an event that may wait", rules{waits: true, faults: 2}},
	{"an event that may wait, and whose repeat is refused if its bytes differ", rules{World: others, waits: true, faults: 2}},
	{"an event that may wait, and whose repeat already exists", rules{World: exists, waits: true, faults: 2}},
	{"an event that may wait, and whose repeat already exists, and lists lag", rules{World: lagged, waits: true, faults: 2}},
	{"an invalid event", rules{event: invalidEvent}},
	{"an event that Earth Engine refuses", rules{event: refusedEvent}},
	{"two senders with one request ID", rules{faults: 2, senders: 2}},
	{"two senders with one request ID, and Operations without a time", rules{faults: 2, senders: 2, World: eetest.World{NoCreateTime: true}}},
	{"two senders with one request ID, whose repeat is refused if its bytes differ", rules{faults: 2, senders: 2, World: others}},
	{"two senders with one request ID, whose repeat already exists", rules{faults: 2, senders: 2, World: exists}},
}

func TestThePromiseHoldsInEveryWorld(t *testing.T) {
	for _, r := range modelled {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if r.faults == 0 {
				r.faults = 3
			}
			if brief() {
				r.faults--
			}
			finds(t, &r.rules, "")
		})
	}
}

// finds explores a model, and checks what the exploration finds: a broken promise,
// or "".
func finds[W comparable](t *testing.T, m model[W], want string) {
	t.Helper()
	worlds, violation := explore(m)
	if !strings.HasPrefix(violation, want) || want == "" && violation != "" {
		t.Errorf("found %q in %d states, want %q", violation, worlds, want)
	}
	t.Logf("after %d states: %q", worlds, violation)
}

func TestTheModelFindsABrokenPromise(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rules rules
		want  string
	}{
		{"a request ID that is new for each delivery", rules{randomIDs: true}, "two Operations for one event"},
		{"a request ID that is new for each delivery, and ALREADY_EXISTS", rules{randomIDs: true, World: exists}, "two Operations for one event"},
		{"a request ID that is new when the event waits", rules{copyHasNewID: true, waits: true, faults: 2}, "two Operations for one event"},
		{"an acknowledgement before the Operation is published", rules{acknowledgesAlways: true}, "acknowledged, and on no topic"},
		{"an acknowledgement before the failure is published", rules{event: invalidEvent, acknowledgesFailures: true}, "acknowledged, and on no topic"},
		{"no acknowledgement of a failure", rules{event: invalidEvent, neverSettlesFailures: true}, "stuck"},
		{"submitting what has not been decoded", rules{event: invalidEvent, submitsUnread: true}, "an invalid request has reached Earth Engine"},
		{"taking ALREADY_EXISTS for a refusal", rules{World: exists, neverFinds: true}, "a request that could succeed is given up"},
		{"not waiting for lists", rules{World: lagged, doesNotWaitForLists: true}, "a request that could succeed is given up"},
		{"treating a refusal after a lost answer as final", rules{forgetsLostAnswers: true}, "given up while its Operation runs"},
		{"no warning that an earlier delivery may have started an export", rules{forgetsDeliveries: true}, "given up while its Operation runs"},
		{"accepting every answer", rules{faults: 2, senders: 2, acceptsAnyAnswer: true}, "an Operation is published under a request that did not start it"},
		{"no redelivery", rules{losesNackedOnes: true}, "stuck"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.rules.faults = max(2, tc.rules.faults)
			finds(t, &tc.rules, tc.want)
		})
	}
}

func TestTheOneTrueEndIsPublishedInEveryWorld(t *testing.T) {
	r := &watchRules{faults: 4}
	if brief() {
		r.faults = 3
	}
	finds(t, r, "")
}

func TestTheWatchersModelFindsABrokenPromise(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rules watchRules
		want  string
	}{
		{"an acknowledgement before the end is published", watchRules{acknowledgesFirst: true}, "acknowledged, and no end is published"},
		{"declaring a new Operation lost", watchRules{declaresNewLost: true}, "an Operation is declared lost that is not"},
		{"declaring an Operation lost after one answer", watchRules{doesNotList: true}, "an Operation is declared lost that is not"},
		{"publishing the end of what is running", watchRules{endsRunning: true}, "an end is published before it has come"},
		{"leases that never end", watchRules{leasesNeverEnd: true}, "stuck"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.rules.faults = 2
			finds(t, &tc.rules, tc.want)
		})
	}
}
