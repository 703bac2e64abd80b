package watch_test

import (
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

const day = 24 * time.Hour

// tickEvery ticks until a time, and calls see after each tick.
func (w *world) tickEvery(t *testing.T, every time.Duration, until time.Time, see func(pending, errors int)) {
	t.Helper()
	for time.Now().Before(until) {
		s, _ := w.tick(t)
		see(s.Pending, s.Errors)
		time.Sleep(min(every, time.Until(until)))
	}
}

func TestAnOperationIsFollowedForTheTenDaysThatItRuns(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		start := time.Now()
		name := w.start(t, "p", 0)
		w.tickEvery(t, time.Hour, start.Add(10*day), func(pending, errors int) {
			if pending != 1 || errors != 0 {
				t.Fatalf("after %s: %d pending, %d errors", time.Since(start), pending, errors)
			}
		})
		s := w.expect(t, 0, 1, 0, 0, 0)
		if want := 10 * day.Seconds() * 2; len(s.Usage) != 1 || s.Usage[0].EECUSeconds != want {
			t.Errorf("usage %+v, want %v", s.Usage, want)
		}
		if w.left(t, 0); w.ends()[name+"/succeeded"] != 1 {
			t.Error(w.ends())
		}
	}, eetest.WithLifecycle(eetest.Lifecycle{Running: 10 * day}))
}

func TestAnEarthEngineThatIsDownForAWeekend(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		names := append(w.startMany(t, "p", 12), w.startMany(t, "q", 3)...)
		down := time.Now()
		w.ee.Inject(eetest.Fault{Status: 503, Times: -1})
		time.Sleep(time.Hour)
		w.finish(t, eetest.Succeeded, names...)
		ticks := 0
		w.tickEvery(t, time.Hour, down.Add(63*time.Hour), func(pending, errors int) {
			if ticks++; pending != 15 || errors != 15 {
				t.Fatalf("after %s: %d pending, %d errors", time.Since(down), pending, errors)
			}
		})
		if calls := w.ee.Count(""); calls > ticks*100 {
			t.Errorf("%d calls in %d ticks to a service that is down", calls, ticks)
		}
		w.ee.ClearFaults()
		w.expect(t, 0, 15, 0, 0, 0)
		if w.left(t, 0); len(w.ends()) != 15 || len(w.ps.Messages("completions")) != 15 {
			t.Error(w.ends())
		}
	})
}

func TestAnEndIsPublishedAsLongAsTheSubscriptionKeepsTheOperation(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		start := time.Now()
		told, forgotten := w.start(t, "p", 0), w.start(t, "q", 0)
		w.finish(t, eetest.Succeeded, told, forgotten)
		w.ps.Publish("operations", []byte("not ours"), nil)
		w.ee.Inject(eetest.Fault{Status: 403, Times: -1}) // for a month
		w.tickEvery(t, 2*time.Hour, start.Add(local.Retention-time.Hour), func(pending, errors int) {
			if pending != 2 || errors != 2 {
				t.Fatalf("after %s: %d pending, %d errors", time.Since(start), pending, errors)
			}
		})
		if s, err := w.tick(t); err == nil || int(s.OldestPending/day) != 30 || !strings.HasPrefix(s.OldestPendingAge, "26") || !strings.Contains(err.Error(), "projects/q: ") {
			t.Errorf("%+v %v", s, err)
		}
		w.ee.ClearFaults()
		w.slow(map[string]*eetest.Fault{"q": {Status: 403}})
		w.expect(t, 1, 1, 0, 0, 1)
		time.Sleep(2 * time.Hour)
		if s := w.expect(t, 0, 0, 0, 0, 0); s.Foreign != 0 {
			t.Errorf("%+v", s)
		}
		if w.left(t, 0); len(w.ends()) != 1 || w.ends()[told+"/succeeded"] != 1 {
			t.Error(w.ends())
		}
	})
}

func TestAForeignMessageIsPulledOnceInTenMinutes(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		w.ps.Publish("operations", []byte("not ours"), nil)
		looks := 0
		for range 61 {
			s, err := w.tick(t)
			if looks += s.Foreign; err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if looks < 5 || looks > 7 {
			t.Errorf("%d looks in an hour", looks)
		}
	})
}

// TestATickThatIsKilledLosesNothing ends a tick at many moments. What it had
// taken comes back when its lease ends.
func TestATickThatIsKilledLosesNothing(t *testing.T) {
	for after := time.Duration(0); after < 2*time.Second; after += 200 * time.Millisecond {
		inMemory(t, func(t *testing.T, w *world) {
			w.finish(t, eetest.Succeeded, w.startMany(t, "p", 30)...)
			w.slow(nil)
			w.ps.Inject(handlertest.Fault{On: "completions", Delay: 300 * time.Millisecond, Times: -1})
			w.ps.InjectPull(handlertest.Fault{Delay: 50 * time.Millisecond, Times: -1})
			w.kill(t, after)
			time.Sleep(2 * time.Minute)
			if s, err := w.tick(t); err != nil || s.Pending != 0 || s.Errors != 0 {
				t.Errorf("killed after %s: %+v %v", after, s, err)
			}
			if w.left(t, 0); len(w.ends()) != 30 {
				t.Errorf("killed after %s: %d ends", after, len(w.ends()))
			}
		})
	}
}
