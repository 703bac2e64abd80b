package local_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/handler/local"
)

func TestTheWatcherIsCalledAsBySchedulerJob(t *testing.T) {
	s := start(t, local.Config{})
	tick := s.Tick(t.Context())
	summary, err := tick.Summary()
	if err != nil || summary.Pending != 2 || summary.Ended.Succeeded != 1 || !strings.Contains(string(tick.Body), `"job":"watch-operations"`) {
		t.Errorf("%+v, %v: %s", summary, err, tick.Body)
	}
}

func TestTheWatcherIsCalledAgainAndAgain(t *testing.T) {
	ticks := make(chan local.Tick, 3)
	start(t, local.Config{TickEvery: time.Millisecond, OnTick: func(tick local.Tick) {
		select {
		case ticks <- tick:
		default: // enough have been seen
		}
	}})
	for range cap(ticks) {
		if tick := await(t, ticks); !tick.OK() {
			t.Errorf("%+v", tick)
		}
	}
}

func TestTickThatIsNotAnsweredIsAnError(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		tick       local.Tick
	}{
		{"a refusal", "answered 503: no subscription", local.Tick{Status: 503, Body: []byte("no subscription")}},
		{"an answer that is not a summary", "invalid character", local.Tick{Status: 200, Body: []byte("<html>")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := tc.tick.Summary(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Error(err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if tick := start(t, local.Config{}).Tick(ctx); tick.Err == nil || tick.OK() {
		t.Errorf("it was given up, and yet: %+v", tick)
	}
}
