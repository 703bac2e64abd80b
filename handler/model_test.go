package handler_test

import (
	"strings"
	"testing"

	"example.com/eeexport/handler/outcome"
)

// explore walks every world that can be reached, nearest first. It returns how
// many there are, and of a broken promise the shortest way to it.
func (r *rules) explore() (worlds int, violation string) {
	type visit struct {
		from int
		by   string
	}
	start := world{}
	order, visits := []world{start}, []visit{{-1, ""}}
	index := map[world]int{start: 0}
	before := [][]int32{nil} // worlds from which one gets here without a fault
	way := func(i int, what string) string {
		var steps []string
		for ; visits[i].from >= 0; i = visits[i].from {
			steps = append([]string{visits[i].by}, steps...)
		}
		return what + ": " + strings.Join(steps, "; ")
	}
	for i := 0; i < len(order); i++ {
		if what := r.violation(order[i]); what != "" {
			return len(order), way(i, what)
		}
		for _, e := range r.next(order[i]) {
			j, seen := index[e.to]
			if !seen {
				j = len(order)
				index[e.to] = j
				order, visits, before = append(order, e.to), append(visits, visit{i, e.name}), append(before, nil)
			}
			if !e.fault {
				before[j] = append(before[j], int32(i))
			}
		}
	}
	// Nothing is stuck if an acknowledgement can be reached from everywhere.
	ends := make([]bool, len(order))
	var todo []int32
	for i, w := range order {
		if w.acked {
			ends[i], todo = true, append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range before[i] {
			if !ends[j] {
				ends[j], todo = true, append(todo, j)
			}
		}
	}
	for i := range order {
		if !ends[i] {
			return len(order), way(i, "stuck without an acknowledgement")
		}
	}
	return len(order), ""
}

// modelled are the worlds that the promise is made for.
var modelled = []struct {
	name string
	rules
}{
	{"an event whose repeat is answered with the Operation", rules{acknowledges: acknowledges}},
	{"an event whose repeat already exists", rules{repeat: alreadyExists, acknowledges: acknowledges}},
	{"an event whose repeat already exists and is not listed", rules{repeat: alreadyExistsUnlisted, acknowledges: acknowledges}},
	{"an invalid event", rules{event: invalidEvent, acknowledges: acknowledges}},
	{"an event that Earth Engine refuses", rules{event: refusedEvent, acknowledges: acknowledges}},
}

func TestThePromiseHoldsInEveryWorld(t *testing.T) {
	for _, r := range modelled {
		t.Run(r.name, func(t *testing.T) {
			worlds, violation := r.explore()
			if violation != "" {
				t.Error(violation)
			}
			t.Logf("%d states", worlds)
		})
	}
}

func TestTheModelFindsABrokenPromise(t *testing.T) {
	always := func(outcome.Kind, bool) bool { return true }
	for _, tc := range []struct {
		name  string
		rules rules
		want  string
	}{
		{"a request ID that is new for each delivery", rules{randomIDs: true}, "two Operations for one event"},
		{"a request ID that is new for each delivery, and ALREADY_EXISTS", rules{randomIDs: true, repeat: alreadyExists}, "two Operations for one event"},
		{"an acknowledgement before the Operation is published", rules{acknowledges: always}, "acknowledged, and on no topic"},
		{"an acknowledgement before the failure is published", rules{event: invalidEvent, acknowledges: func(k outcome.Kind, _ bool) bool { return acknowledges(k, true) }}, "acknowledged, and on no topic"},
		{"no acknowledgement of a failure", rules{event: invalidEvent, acknowledges: func(k outcome.Kind, _ bool) bool { return acknowledges(k, false) }}, "stuck"},
		{"submitting what has not been decoded", rules{event: invalidEvent, submitsUnread: true}, "an invalid request has reached Earth Engine"},
		{"taking ALREADY_EXISTS for a refusal", rules{repeat: alreadyExists, neverFinds: true}, "a request that could succeed is given up"},
		{"no redelivery", rules{losesNackedOnes: true}, "stuck"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.rules.acknowledges == nil {
				tc.rules.acknowledges = acknowledges
			}
			worlds, violation := tc.rules.explore()
			if !strings.HasPrefix(violation, tc.want) {
				t.Errorf("found %q in %d states, want %q", violation, worlds, tc.want)
			}
			t.Logf("after %d states: %s", worlds, violation)
		})
	}
}
