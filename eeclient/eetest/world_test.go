package eetest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// found reports whether get knows an Operation.
func found(t *testing.T, s *Server, name string) bool {
	t.Helper()
	return do(t, "GET", s.URL+"/v1/"+name, "").status == http.StatusOK
}

func TestAnswersLag(t *testing.T) {
	clock := NewClock(epoch)
	s := newTestServer(t, WithClock(clock), WithWorld(World{GetLag: time.Minute, ListLag: 2 * time.Minute}))
	name := export(t, s, request()).Name
	for _, tt := range []struct {
		name          string
		advance       time.Duration
		found, listed bool
	}{
		{"at first it is not found", 0, false, false},
		{"then it is found, and not listed", time.Minute, true, false},
		{"then it is listed", time.Minute, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock.Advance(tt.advance)
			if got := found(t, s, name); got != tt.found {
				t.Errorf("found %t", got)
			}
			if names, _ := list(t, s, listPath); slices.Contains(names, name) != tt.listed {
				t.Errorf("listed %v", names)
			}
		})
	}
}

func TestProjectsMayBeNumbers(t *testing.T) {
	s := newTestServer(t, WithWorld(World{ProjectNumbers: true}))
	name := export(t, s, request()).Name
	if !strings.HasPrefix(name, "projects/100000000001/operations/") {
		t.Errorf("name %s", name)
	}
	byID := strings.Replace(name, "100000000001", "p", 1)
	if !found(t, s, name) || !found(t, s, byID) {
		t.Error("one of the names is not found")
	}
	for _, project := range []string{"p", "100000000001"} {
		if names, _ := list(t, s, "/v1/projects/"+project+"/operations"); !slices.Equal(names, []string{name}) {
			t.Errorf("project %s has %v", project, names)
		}
	}
	if op := do(t, "POST", s.URL+"/v1/projects/q/classifier:export", request()).operation(t); !strings.HasPrefix(op.Name, "projects/100000000002/") {
		t.Errorf("name %s", op.Name)
	}
}
