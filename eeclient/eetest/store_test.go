package eetest

import (
	"cmp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRepeatedRequestID(t *testing.T) {
	const id, other = `{"requestId":"id-1"}`, `{"description":"another"}`
	repeat := func(r Repeat) []Option { return []Option{WithWorld(World{Repeat: r})} }
	for _, tt := range []struct {
		name   string
		opts   []Option
		first  string // the body of the first request
		path   string // of the second, if it is another
		body   string
		caller string
		want   string // same, another, or the status of a refusal
		says   string
	}{
		{name: "gives the first Operation", first: request(id), body: request(id, other), want: "same"},
		{name: "gives it to a request to another project too", first: request(id), path: "/v1/projects/q/classifier:export", body: request(id), want: "same"},
		{name: "is not counted in the queue", opts: []Option{WithQuotas(Quotas{QueuedTasks: 1})}, first: request(id), body: request(id), want: "same"},
		{name: "of another caller starts another Operation", first: request(id), body: request(id), caller: "other", want: "another"},
		{name: "may be another caller's", opts: []Option{WithWorld(World{SharedRequestIDs: true})}, first: request(id), body: request(id, other), caller: "other", want: "same"},
		{name: "has one caller in an emulator", opts: []Option{Emulator()}, first: request(id), body: request(id), caller: "other", want: "same"},
		{name: "is not one if it is empty", first: request(), body: request(), want: "another"},
		{name: "gives the first Operation if no byte differs", opts: repeat(RefuseOther), first: request(id), body: request(id), want: "same"},
		{name: "is refused if the request differs", opts: repeat(RefuseOther), first: request(id), body: request(id, other), want: "INVALID_ARGUMENT", says: "'id-1'"},
		{name: "is refused by its name", opts: repeat(AlreadyExists), first: request(id), body: request(id), want: "ALREADY_EXISTS", says: "'id-1'"},
		{name: "is refused in general words", opts: repeat(AlreadyExistsUnnamed), first: request(id), body: request(id), want: "ALREADY_EXISTS", says: "entity already exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock := NewClock(epoch)
			s := newTestServer(t, append(tt.opts, WithClock(clock), WithLifecycle(life))...)
			first := export(t, s, tt.first)
			clock.Advance(time.Minute)
			res := do(t, "POST", s.URL+cmp.Or(tt.path, exportPath), tt.body, "Authorization: Bearer "+cmp.Or(tt.caller, "tok"))
			switch tt.want {
			case "same":
				if again := res.operation(t); again.Name != first.Name || again.state() != Running {
					t.Errorf("%s %s, want %s as it now stands", again.Name, again.state(), first.Name)
				}
			case "another":
				if again := res.operation(t); again.Name == first.Name {
					t.Error("it is the first Operation")
				}
			default:
				if e := res.error(t); e.Status != tt.want || !strings.Contains(e.Message, tt.says) {
					t.Errorf("%+v", e)
				}
			}
		})
	}
	t.Run("of fifty requests at once starts one Operation", func(t *testing.T) {
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
		for _, a := range answers {
			if got := a.operation(t).Name; len(ops) != 1 || got != ops[0].Name {
				t.Errorf("answered %s, want the one of %d Operations", got, len(ops))
			}
		}
	})
}
