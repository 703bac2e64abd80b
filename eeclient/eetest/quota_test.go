package eetest

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDefaultQuotasAreThePublished(t *testing.T) {
	want := Quotas{ConcurrentRequests: 40, RequestsPerSecond: 100, QueuedTasks: 3000, PayloadBytes: 10485760}
	if got := DefaultQuotas(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestRequestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(Quotas{RequestsPerSecond: 3}.withDefaults())
		for _, tt := range []struct {
			name    string
			pause   time.Duration
			project string
			refused bool
		}{
			{"the first is let through", 0, "p", false},
			{"so is the second", 400 * time.Millisecond, "p", false},
			{"and the third", 0, "p", false},
			{"the fourth in a second is refused", 599 * time.Millisecond, "p", true},
			{"another project has its own", 0, "q", false},
			{"a second after the first there is room for one", time.Millisecond, "p", false},
			{"and for no more", 0, "p", true},
			{"a refused one does not count", time.Second, "p", false},
		} {
			time.Sleep(tt.pause)
			refusal := m.enter(tt.project)
			if (refusal != nil) != tt.refused {
				t.Errorf("%s: refusal %v", tt.name, refusal)
			}
			if refusal == nil {
				m.leave(tt.project)
			}
		}
		if u := m.usage(); u.Refused != 2 || u.RequestsPerSecond != 1 || u.ConcurrentRequests != 0 || u.PeakConcurrentRequests != 1 {
			t.Errorf("%+v", u)
		}
	})
}

func TestConcurrentRequestsAreLimited(t *testing.T) {
	const limit = 3
	s := newTestServer(t, WithQuotas(Quotas{ConcurrentRequests: limit}))
	arrived, release := make(chan bool), make(chan bool)
	s.InjectFunc(func(*http.Request) *Fault {
		arrived <- true
		<-release
		return nil
	})
	var wg sync.WaitGroup
	for range limit {
		wg.Go(func() {
			if res, err := try("POST", s.URL+exportPath, request()); err != nil || res.status != 200 {
				t.Error(res.status, err)
			}
		})
		<-arrived
	}
	if u := s.Usage(); u.ConcurrentRequests != limit || u.PeakConcurrentRequests != limit {
		t.Errorf("%+v", u)
	}
	if e := do(t, "POST", s.URL+exportPath, request()).error(t); e.Code != 429 || e.Status != "RESOURCE_EXHAUSTED" || e.Reason() != "RATE_LIMIT_EXCEEDED" {
		t.Errorf("%+v", e)
	}
	close(release)
	wg.Wait()
	s.InjectFunc(nil)
	export(t, s, request())
}

func TestQueueIsLimited(t *testing.T) {
	clock := NewClock(epoch)
	s := newTestServer(t, WithClock(clock), WithLifecycle(life), WithQuotas(Quotas{QueuedTasks: 2}))
	const full = "Too many tasks already in the queue (2). Please wait for some of them to complete."
	first := export(t, s, request(`{"requestId":"one"}`)).Name
	do(t, "POST", s.URL+"/v1/projects/q/classifier:export", request()).operation(t)

	t.Run("one more is refused, over all projects", func(t *testing.T) {
		if e := do(t, "POST", s.URL+exportPath, request()).error(t); e.Code != 400 || e.Message != full {
			t.Errorf("%+v", e)
		}
		if u := s.Usage(); u.QueuedTasks != 2 || u.PeakQueuedTasks != 2 {
			t.Errorf("%+v", u)
		}
	})
	t.Run("another caller has another queue", func(t *testing.T) {
		do(t, "POST", s.URL+exportPath, request(), "Authorization: Bearer other").operation(t)
	})
	t.Run("an end makes room", func(t *testing.T) {
		cancel(t, s, first)
		export(t, s, request())
	})
	t.Run("so does time", func(t *testing.T) {
		clock.Advance(time.Hour)
		export(t, s, request())
		if u := s.Usage(); u.QueuedTasks != 1 {
			t.Errorf("%+v", u)
		}
	})
}
