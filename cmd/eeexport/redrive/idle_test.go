package redrive

import (
	"testing"
	"time"
)

func TestIdle(t *testing.T) {
	type pull struct{ second, messages int }
	for _, tc := range []struct {
		name  string
		pulls []pull
		want  bool
	}{
		{"one empty pull proves nothing", []pull{{60, 0}}, false},
		{"nor are many in a short time", []pull{{1, 0}, {2, 0}, {3, 0}, {4, 0}}, false},
		{"three in thirty seconds are", []pull{{2, 0}, {10, 0}, {30, 0}}, true},
		{"a message begins the time anew", []pull{{2, 0}, {10, 0}, {29, 1}, {30, 0}, {40, 0}, {50, 0}}, false},
		{"and the count", []pull{{2, 0}, {10, 0}, {12, 1}, {30, 0}, {45, 0}}, false},
		{"until it is quiet again", []pull{{2, 0}, {29, 1}, {30, 0}, {40, 0}, {59, 0}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			begin := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
			i := idle{settle: Settle, since: begin}
			got := false
			for _, p := range tc.pulls {
				got = i.pulled(p.messages, begin.Add(time.Duration(p.second)*time.Second))
			}
			if got != tc.want {
				t.Errorf("empty: %v", got)
			}
		})
	}
}
