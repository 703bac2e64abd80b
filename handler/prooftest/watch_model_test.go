package prooftest

import (
	"strings"
	"testing"
)

func TestTheOneTrueEndIsPublishedInEveryWorld(t *testing.T) {
	r := &watchRules{faults: 4}
	if brief() {
		r.faults = 3
	}
	worlds, violation := explore(r)
	if violation != "" {
		t.Error(violation)
	}
	t.Logf("%d states with %d faults", worlds, r.faults)
}

func TestTheWatchersModelFindsABrokenPromise(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rules watchRules
		want  string
	}{
		{"an acknowledgement before the end is published", watchRules{acknowledgesFirst: true}, "acknowledged, and no end is published"},
		{"believing at once that an Operation is lost", watchRules{believesNew: true}, "an Operation is declared lost that is not"},
		{"believing one answer that an Operation is lost", watchRules{doesNotList: true}, "an Operation is declared lost that is not"},
		{"publishing the end of what is running", watchRules{endsRunning: true}, "an end is published before it has come"},
		{"leases that never end", watchRules{leasesNeverEnd: true}, "stuck"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.rules.faults = 2
			worlds, violation := explore(&tc.rules)
			if !strings.HasPrefix(violation, tc.want) {
				t.Errorf("found %q in %d states, want %q", violation, worlds, tc.want)
			}
			t.Logf("after %d states: %s", worlds, violation)
		})
	}
}
