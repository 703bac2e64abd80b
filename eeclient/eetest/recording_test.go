package eetest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestRequestsAreRecorded(t *testing.T) {
	s := newTestServer(t)
	body := request(`{"requestId":"one"}`)
	name := export(t, s, body).Name
	do(t, "GET", s.URL+"/v1/"+name+"?alt=json", "")
	do(t, "GET", s.URL+listPath, "")
	cancel(t, s, name)
	do(t, "GET", s.URL+"/elsewhere", "")
	do(t, "POST", s.URL+exportPath, "{", "Traceparent: 00-1")

	want := []Request{
		{Method: ExportClassifier, Verb: "POST", Path: exportPath, Status: 200, Body: []byte(body)},
		{Method: GetOperation, Verb: "GET", Path: "/v1/" + name, Query: "alt=json", Status: 200},
		{Method: ListOperations, Verb: "GET", Path: listPath, Status: 200},
		{Method: CancelOperation, Verb: "POST", Path: "/v1beta/" + name + ":cancel", Status: 200, Body: []byte("{}")},
		{Verb: "GET", Path: "/elsewhere", Status: 404},
		{Method: ExportClassifier, Verb: "POST", Path: exportPath, Status: 400, Body: []byte("{")},
	}
	got := s.Requests()
	if len(got) != len(want) {
		t.Fatalf("%d requests, want %d", len(got), len(want))
	}
	line := func(r Request) string {
		return fmt.Sprintf("%s %s %s ? %s = %d %s", r.Method, r.Verb, r.Path, r.Query, r.Status, r.Body)
	}
	for i := range want {
		if g, w := line(got[i]), line(want[i]); g != w {
			t.Errorf("request %d\n got %s\nwant %s", i, g, w)
		}
	}
	if got[5].Header.Get("Traceparent") != "00-1" || got[5].Time.Before(got[0].Time) {
		t.Errorf("%v at %v", got[5].Header, got[5].Time)
	}
	if s.Count(ExportClassifier) != 2 || s.Count("") != 6 {
		t.Errorf("%d exports of %d requests", s.Count(ExportClassifier), s.Count(""))
	}
	ops := s.Operations()
	if len(ops) != 1 || string(ops[0].Body) != body || ops[0].RequestID != "one" || ops[0].Caller != "tok" || ops[0].Asset != "projects/p/assets/a" {
		t.Errorf("%+v", ops)
	}
}

func TestRecordingIsBounded(t *testing.T) {
	kept := func(s *Server) string {
		var out strings.Builder
		for _, r := range s.Requests() {
			fmt.Fprintf(&out, "%t ", r.Body != nil)
		}
		return strings.TrimSpace(out.String())
	}
	size := len(request())
	tests := []struct {
		name  string
		limit recording
		want  string // for three requests: whether each has its body
	}{
		{"everything within the limits is kept", recording{3 * size, 3}, "true true true"},
		{"the oldest bodies are dropped first", recording{2 * size, 3}, "false true true"},
		{"a body above the limit is not kept", recording{size - 1, 3}, "false false false"},
		{"the oldest requests are dropped first", recording{3 * size, 2}, "true true"},
		{"no requests are kept if none are wanted", recording{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, func(c *config) { c.recording = tt.limit })
			for range 3 {
				if res := do(t, "POST", s.URL+exportPath, request()); res.status != http.StatusOK {
					t.Fatalf("%d %s", res.status, res.body)
				}
			}
			if got := kept(s); got != tt.want {
				t.Errorf("kept %q, want %q", got, tt.want)
			}
			if s.Count(ExportClassifier) != 3 || len(s.Operations()) != 3 {
				t.Errorf("%d calls counted, %d Operations", s.Count(ExportClassifier), len(s.Operations()))
			}
		})
	}
}
