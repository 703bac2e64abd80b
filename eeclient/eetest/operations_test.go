package eetest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// life is a lifecycle with a round minute for each state.
var life = Lifecycle{Pending: time.Minute, Running: 2 * time.Minute, Cancelling: time.Minute}

func TestOperationFollowsTheClock(t *testing.T) {
	clock := NewClock(epoch)
	s := newTestServer(t, WithClock(clock), WithLifecycle(life))
	name := export(t, s, request(`{"description":"a <classifier> & more","priority":7}`)).Name
	if !regexp.MustCompile(`^projects/p/operations/[A-Z2-7]{24}$`).MatchString(name) {
		t.Errorf("name %q", name)
	}

	steps := []struct {
		name    string
		advance time.Duration
		want    string // the members of metadata, in order
		done    bool
	}{
		{"it starts as PENDING", 0, `state:PENDING updateTime:2026-11-23T08:00:00Z startTime:1970-01-01T00:00:00Z`, false},
		{"it stays PENDING until its time", time.Minute - 1500*time.Millisecond, `state:PENDING updateTime:2026-11-23T08:00:00Z startTime:1970-01-01T00:00:00Z`, false},
		{"then it is RUNNING", 1500 * time.Millisecond, `state:RUNNING updateTime:2026-11-23T08:01:00Z startTime:2026-11-23T08:01:00Z attempt:1`, false},
		{"with progress", 30 * time.Second, `state:RUNNING updateTime:2026-11-23T08:01:30Z startTime:2026-11-23T08:01:00Z attempt:1 progress:0.25 batchEecuUsageSeconds:60`, false},
		{"and more progress", 84 * time.Second, `state:RUNNING updateTime:2026-11-23T08:02:54Z startTime:2026-11-23T08:01:00Z attempt:1 progress:0.95 batchEecuUsageSeconds:228`, false},
		{"at last it has SUCCEEDED", time.Hour, `state:SUCCEEDED updateTime:2026-11-23T08:03:00Z startTime:2026-11-23T08:01:00Z endTime:2026-11-23T08:03:00Z attempt:1 progress:1 ` +
			`destinationUris:[https://code.earthengine.google.com/?asset=projects/p/assets/a] batchEecuUsageSeconds:240`, true},
	}
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			clock.Advance(tt.advance)
			res := do(t, "GET", s.URL+"/v1beta/"+name, "")
			op := res.operation(t)
			var got []string
			for _, key := range []string{"state", "updateTime", "startTime", "endTime", "attempt", "progress", "destinationUris", "batchEecuUsageSeconds"} {
				if v, ok := op.Metadata[key]; ok {
					got = append(got, fmt.Sprint(key, ":", v))
				}
			}
			if g := strings.Join(got, " "); g != tt.want {
				t.Errorf("metadata\n got %s\nwant %s", g, tt.want)
			}
			if (op.Done != nil) != tt.done || (op.Response != nil) != tt.done || op.Error != nil {
				t.Errorf("done %v, response %v, error %v", op.Done, op.Response, op.Error)
			}
			if s.HasAsset("projects/p/assets/a") != tt.done {
				t.Errorf("the asset exists: %v, want %v", !tt.done, tt.done)
			}
			if string(mustOperation(t, s, name).JSON()) != string(res.body) {
				t.Error("Operation.JSON is not what was answered")
			}
		})
	}
	t.Run("its description and priority come back as they were", func(t *testing.T) {
		res := do(t, "GET", s.URL+"/v1/"+name, "")
		m := res.operation(t).Metadata
		if m["description"] != "a <classifier> & more" || m["priority"] != 7.0 || m["type"] != "EXPORT_CLASSIFIER" ||
			m["createTime"] != "2026-11-23T08:00:00Z" || m["@type"] != "type.googleapis.com/google.earthengine.v1.OperationMetadata" {
			t.Errorf("%v", m)
		}
		if !strings.Contains(string(res.body), "<classifier> &") {
			t.Error("the description is escaped")
		}
	})
	t.Run("another project's Operation is not found", func(t *testing.T) {
		e := do(t, "GET", s.URL+"/v1beta/"+strings.Replace(name, "projects/p/", "projects/q/", 1), "").error(t)
		if e.Code != 404 || e.Status != "NOT_FOUND" {
			t.Errorf("%+v", e)
		}
	})
}

func mustOperation(t *testing.T, s *Server, name string) Operation {
	t.Helper()
	op, ok := s.Operation(name)
	if !ok {
		t.Fatalf("no Operation %s", name)
	}
	return op
}

func TestOperationEnds(t *testing.T) {
	overwrite := `{"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/old","overwrite":true}}}`
	tests := []struct {
		name  string
		body  string
		after time.Duration
		act   func(t *testing.T, s *Server, name string) // once that time has passed
		then  time.Duration
		state State
		code  int
		says  string
	}{
		{name: "by itself with success", body: request(), then: time.Hour, state: Succeeded},
		{name: "with failure if the asset exists", body: toAsset("old"), then: time.Hour, state: Failed, code: 3, says: "Cannot overwrite asset 'projects/p/assets/old'."},
		{name: "with success if it overwrites the asset", body: request(overwrite), then: time.Hour, state: Succeeded},
		{name: "by cancellation at once while PENDING", body: request(), act: cancel, state: Cancelled, code: 1, says: "Cancelled."},
		{name: "by cancellation in time while RUNNING", body: request(), after: time.Minute, act: func(t *testing.T, s *Server, name string) {
			cancel(t, s, name)
			if state := get(t, s, name).state(); state != Cancelling {
				t.Errorf("state %s, want CANCELLING", state)
			}
			cancel(t, s, name) // twice does no harm
		}, then: time.Minute, state: Cancelled, code: 1, says: "Cancelled."},
		{name: "not by cancellation when it has ended", body: request(), after: time.Hour, act: cancel, state: Succeeded},
		{name: "as the test decides with success", body: request(), act: finish(Succeeded), state: Succeeded},
		{name: "as the test decides with failure", body: request(), act: finish(Failed), state: Failed, code: 3},
		{name: "as the test decides by cancellation", body: request(), after: time.Minute, act: finish(Cancelled), state: Cancelled, code: 1},
		{name: "as the test decides with a failure of its own", body: request(), act: func(t *testing.T, s *Server, name string) {
			if err := s.Fail(name, 8, "Out of quota."); err != nil {
				t.Error(err)
			}
		}, state: Failed, code: 8, says: "Out of quota."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := NewClock(epoch)
			s := newTestServer(t, WithClock(clock), WithLifecycle(life), WithAsset("projects/p/assets/old"))
			name := export(t, s, tt.body).Name
			clock.Advance(tt.after)
			if tt.act != nil {
				tt.act(t, s, name)
			}
			clock.Advance(tt.then)
			op := get(t, s, name)
			if op.state() != tt.state || op.Done == nil || !*op.Done {
				t.Fatalf("%+v, want %s", op, tt.state)
			}
			if (op.Response != nil) != (tt.state == Succeeded) {
				t.Errorf("response %v", op.Response)
			}
			if tt.code == 0 {
				if op.Error != nil {
					t.Errorf("error %v", op.Error)
				}
			} else if op.Error == nil || op.Error.Code != tt.code || !strings.Contains(op.Error.Message, tt.says) {
				t.Errorf("error %v, want %d %s", op.Error, tt.code, tt.says)
			}
			if n := s.Usage().QueuedTasks; n != 0 {
				t.Errorf("%d tasks in the queue after the end", n)
			}
			clock.Advance(time.Hour)
			if again := get(t, s, name); again.state() != tt.state || again.Metadata["endTime"] != op.Metadata["endTime"] {
				t.Errorf("the end has changed to %v", again)
			}
		})
	}
}

func cancel(t *testing.T, s *Server, name string) {
	t.Helper()
	if res := do(t, "POST", s.URL+"/v1beta/"+name+":cancel", "{}"); res.status != 200 || string(res.body) != "{}" {
		t.Errorf("cancel: %d %s", res.status, res.body)
	}
}

func finish(state State) func(*testing.T, *Server, string) {
	return func(t *testing.T, s *Server, name string) {
		t.Helper()
		if err := s.Finish(name, state); err != nil {
			t.Error(err)
		}
	}
}

func TestImpossibleEnds(t *testing.T) {
	s := newTestServer(t)
	name := export(t, s, request()).Name
	if err := s.Finish(name, Running); err == nil {
		t.Error("an Operation was finished as RUNNING")
	}
	if err := s.Finish("projects/p/operations/NONE", Succeeded); err == nil {
		t.Error("an Operation that does not exist was finished")
	}
	finish(Succeeded)(t, s, name)
	if err := s.Fail(name, 3, "late"); err == nil {
		t.Error("an Operation ended twice")
	}
	if e := do(t, "POST", s.URL+"/v1/projects/p/operations/NONE:cancel", "").error(t); e.Code != 404 {
		t.Errorf("%+v", e)
	}
	if e := do(t, "POST", s.URL+"/v1/"+name+":cancel", `{"name":"x"}`).error(t); e.Code != 400 {
		t.Errorf("%+v", e)
	}
}

func TestFirstToEndGetsTheAsset(t *testing.T) {
	clock := NewClock(epoch)
	s := newTestServer(t, WithClock(clock), WithLifecycle(life))
	first := export(t, s, request()).Name
	clock.Advance(time.Second)
	second := export(t, s, request()).Name
	clock.Advance(time.Hour) // both ends lie in the past of the next look
	if a, b := get(t, s, second).state(), get(t, s, first).state(); a != Failed || b != Succeeded {
		t.Errorf("the first is %s, the second %s", b, a)
	}
}
