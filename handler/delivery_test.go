package handler

import (
	"testing"
	"time"

	"example.com/eeexport/handler/requestid"
)

func TestNotBefore(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name           string
		d              delivery
		want, earliest time.Time
	}{
		{"the time of a schedule", delivery{time: noon, sameTime: true, arrival: noon.Add(time.Minute)}, noon, noon},
		{"a forced run, which may have been tried before", delivery{time: noon.Add(time.Hour), sameTime: true, arrival: noon}, time.Time{}, noon},
		{"a webhook's timestamp, which a retry changes", delivery{time: noon, arrival: noon.Add(time.Minute)}, time.Time{}, noon.Add(time.Minute)},
		{"no time", delivery{arrival: noon}, time.Time{}, noon},
	} {
		if got := tc.d.notBefore(); !got.Equal(tc.want) {
			t.Errorf("%s: not before %v, want %v", tc.name, got, tc.want)
		}
		if got := tc.d.first(); !got.Equal(tc.earliest) {
			t.Errorf("%s: first delivered at %v, want %v", tc.name, got, tc.earliest)
		}
	}
}

func TestMayBeRedelivered(t *testing.T) {
	for _, tc := range []struct {
		name string
		d    delivery
		want bool
	}{
		{"the first delivery of a message", delivery{attempt: 1}, false},
		{"the second", delivery{attempt: 2}, true},
		{"one of a message that does not count them", delivery{}, true},
		{"the first of a message that was published again", delivery{attempt: 1, identity: requestid.Delivery{Attribute: "x"}}, true},
	} {
		if got := tc.d.mayBeRedelivered(); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
	}
}
