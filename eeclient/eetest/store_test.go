package eetest

import (
	"sync"
	"testing"
)

func TestRequestIDStartsOneOperation(t *testing.T) {
	id := `{"requestId":"id-1"}`
	t.Run("a repeat gives the first Operation as it now stands", func(t *testing.T) {
		clock := NewClock(epoch)
		s := newTestServer(t, WithClock(clock), WithQuotas(Quotas{QueuedTasks: 1}))
		first := export(t, s, request(id))
		clock.Advance(defaultLifecycle.Pending)
		again := export(t, s, request(id, `{"description":"another"}`))
		if again.Name != first.Name || again.state() != Running {
			t.Errorf("%s %s, want %s RUNNING", again.Name, again.state(), first.Name)
		}
	})
	t.Run("a repeat to another project gives the first Operation", func(t *testing.T) {
		s := newTestServer(t)
		first := export(t, s, request(id))
		if again := do(t, "POST", s.URL+"/v1/projects/q/classifier:export", request(id)).operation(t); again.Name != first.Name {
			t.Errorf("%s, want %s", again.Name, first.Name)
		}
	})
	t.Run("another caller starts another Operation", func(t *testing.T) {
		s := newTestServer(t)
		first := export(t, s, request(id))
		if other := do(t, "POST", s.URL+exportPath, request(id), "Authorization: Bearer other").operation(t); other.Name == first.Name {
			t.Error("two callers share an Operation")
		}
	})
	t.Run("an emulator has one caller", func(t *testing.T) {
		s := newTestServer(t, Emulator())
		first := export(t, s, request(id))
		if other := do(t, "POST", s.URL+exportPath, request(id), "Authorization: Bearer other").operation(t); other.Name != first.Name {
			t.Error("two Operations for one request ID")
		}
	})
	t.Run("without a request ID each request starts one", func(t *testing.T) {
		s := newTestServer(t)
		first := export(t, s, request())
		if second := export(t, s, request()); second.Name == first.Name {
			t.Error("two requests share an Operation")
		}
	})
	t.Run("fifty callers at once start one", func(t *testing.T) {
		s := newTestServer(t, WithQuotas(Quotas{ConcurrentRequests: -1, RequestsPerSecond: -1}))
		answers := make([]response, 50)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				var err error
				if answers[i], err = try("POST", s.URL+exportPath, request(id)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		ops := s.Operations()
		if len(ops) != 1 {
			t.Fatalf("%d Operations, want 1", len(ops))
		}
		for _, a := range answers {
			if got := a.operation(t).Name; got != ops[0].Name {
				t.Errorf("answered %s, want %s", got, ops[0].Name)
			}
		}
	})
}
