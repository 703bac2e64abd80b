package eetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRepeatedRequestID(t *testing.T) {
	const id, other = `{"requestId":"id-1"}`, `{"description":"another"}`
	for _, tt := range []struct {
		name   string
		repeat Repeat
		body   string
		status int
		code   string
		says   string
	}{
		{"is answered with the first Operation", Replay, request(id, other), 200, "", ""},
		{"is answered with the first Operation if no byte differs", RefuseOther, request(id), 200, "", ""},
		{"is refused if the request differs", RefuseOther, request(id, other), 400, "INVALID_ARGUMENT", "'id-1'"},
		{"is refused by its name", AlreadyExists, request(id), 409, "ALREADY_EXISTS", "'id-1'"},
		{"is refused in general words", AlreadyExistsUnnamed, request(id), 409, "ALREADY_EXISTS", "entity already exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, WithWorld(World{Repeat: tt.repeat}))
			first := export(t, s, request(id))
			res := do(t, "POST", s.URL+exportPath, tt.body)
			if res.status != tt.status || len(s.Operations()) != 1 {
				t.Fatalf("%d, and %d Operations: %s", res.status, len(s.Operations()), res.body)
			}
			if tt.status == http.StatusOK {
				if again := res.operation(t); again.Name != first.Name {
					t.Errorf("%s, want %s", again.Name, first.Name)
				}
			} else if e := res.error(t); e.Status != tt.code || !strings.Contains(e.Message, tt.says) {
				t.Errorf("%+v", e)
			}
			export(t, s, request()) // one without an ID repeats nothing
		})
	}
	t.Run("may be another caller's", func(t *testing.T) {
		s := newTestServer(t, WithWorld(World{SharedRequestIDs: true}))
		first := export(t, s, request(id))
		res := do(t, "POST", s.URL+exportPath, request(id, other), "Authorization: Bearer somebody")
		if got := res.operation(t); got.Name != first.Name {
			t.Errorf("%s, want %s", got.Name, first.Name)
		}
	})
}

func TestExistingAssetIsRefusedAtOnce(t *testing.T) {
	s := newTestServer(t, WithAsset("projects/p/assets/a"), WithWorld(World{RefuseExistingAsset: true}))
	if e := do(t, "POST", s.URL+exportPath, request()).error(t); e.Status != "ALREADY_EXISTS" || !strings.Contains(e.Message, "projects/p/assets/a") {
		t.Errorf("%+v", e)
	}
	export(t, s, request(`{"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":true}}}`))
}

// listed returns the names in a project's list, and found whether get knows one.
func listed(t *testing.T, s *Server, path string) (names []string) {
	t.Helper()
	var page struct{ Operations []wireOperation }
	decode(t, do(t, "GET", s.URL+path, "").body, &page)
	for _, op := range page.Operations {
		names = append(names, op.Name)
	}
	return names
}

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
			if got := len(listed(t, s, listPath)) == 1; got != tt.listed {
				t.Errorf("listed %t", got)
			}
		})
	}
}

func TestOperationsVanishAndComeBack(t *testing.T) {
	s := newTestServer(t)
	name := export(t, s, request()).Name
	for _, hidden := range []bool{true, false} {
		if !s.Hide(name, hidden) || found(t, s, name) == hidden || len(listed(t, s, listPath)) == 0 != hidden {
			t.Errorf("hidden %t: found %t, listed %v", hidden, found(t, s, name), listed(t, s, listPath))
		}
	}
	if s.Hide("projects/p/operations/NONE", true) {
		t.Error("an Operation that does not exist was hidden")
	}
}

func TestListsMayBeginWithTheOldest(t *testing.T) {
	s := newTestServer(t, WithWorld(World{OldestFirst: true}))
	var want []string
	for i := range 5 {
		want = append(want, export(t, s, toAsset(fmt.Sprint("a", i))).Name)
	}
	var got []string
	for token := ""; ; {
		var page struct {
			Operations    []wireOperation
			NextPageToken string
		}
		decode(t, do(t, "GET", s.URL+listPath+"?pageSize=2&pageToken="+token, "").body, &page)
		for _, op := range page.Operations {
			got = append(got, op.Name)
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOperationsMayLackATimeOfCreation(t *testing.T) {
	s := newTestServer(t, WithWorld(World{NoCreateTime: true}))
	if op := export(t, s, request()); op.Metadata["createTime"] != nil {
		t.Errorf("%v", op.Metadata)
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
	if a, b := listed(t, s, listPath), listed(t, s, "/v1/projects/100000000001/operations"); len(a) != 1 || !slices.Equal(a, b) {
		t.Errorf("listed %v and %v", a, b)
	}
	if op := do(t, "POST", s.URL+"/v1/projects/q/classifier:export", request()).operation(t); !strings.HasPrefix(op.Name, "projects/100000000002/") {
		t.Errorf("name %s", op.Name)
	}
}

func TestAddedOperations(t *testing.T) {
	s := newTestServer(t)
	op := s.Add(Operation{Project: "p", Type: "EXPORT_IMAGE", Caller: "tok", RequestID: "id-1", Description: "an image", CreateTime: epoch})
	m := get(t, s, op.Name).Metadata
	if m["type"] != "EXPORT_IMAGE" || m["description"] != "an image" || m["createTime"] != "2026-11-23T08:00:00Z" {
		t.Errorf("%v", m)
	}
	if again := export(t, s, request(`{"requestId":"id-1"}`)); again.Name != op.Name {
		t.Error("its request ID is not used")
	}
}

func TestADayPassesInAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(InMemory(), Emulator())
		defer s.Close()
		s.Inject(Fault{Delay: 24 * time.Hour})
		start := time.Now()
		res, err := s.Client().Post(s.URL+exportPath, "application/json", strings.NewReader(request()))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if passed := time.Since(start); res.StatusCode != http.StatusOK || passed != 24*time.Hour {
			t.Errorf("%d after %v", res.StatusCode, passed)
		}
		if op := s.Operations()[0]; op.CreateTime.Sub(start) != 24*time.Hour {
			t.Errorf("created at %v", op.CreateTime)
		}
	})
}
