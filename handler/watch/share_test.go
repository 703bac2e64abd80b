package watch_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
)

// of returns the project that a call to Earth Engine is about.
func of(r *http.Request) string { return strings.Split(r.URL.Path, "/")[3] }

// slow makes each call to Earth Engine take as long as a real one, or as long as
// other says for its project.
func (w *world) slow(other map[string]*eetest.Fault) {
	w.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
		if f := other[of(r)]; f != nil {
			return f
		}
		return &eetest.Fault{Delay: 200 * time.Millisecond}
	})
}

func TestAProjectThatHangsOrRefusesDoesNotHoldUpOthers(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.finish(t, eetest.Succeeded, w.startMany(t, fmt.Sprint("p", i), 600)...)
		}
		w.slow(map[string]*eetest.Fault{"p1": {Delay: time.Hour}, "p3": {Status: 403, Message: "not you"}})
		s := w.expect(t, 1200, 1800, 0, 0, 1200)
		for _, want := range []string{"projects/p1: earth engine: ", "answer came", "projects/p3: earth engine: PERMISSION_DENIED: not you"} {
			if !strings.Contains(s.Cause.Error(), want) {
				t.Errorf("%q is not in %v", want, s.Cause)
			}
		}
		if n := w.count("p3"); n != 1 {
			t.Errorf("the project that refuses is asked %d times", n)
		}
		w.left(t, 1200)
		w.slow(nil)
		w.expect(t, 0, 1200, 0, 0, 0)
		if n := len(w.ps.Messages("completions")); n != 3000 || len(w.ends()) != 3000 {
			t.Errorf("%d messages for %d ends", n, len(w.ends()))
		}
	}, eetest.WithQuotas(eetest.Quotas{QueuedTasks: -1}))
}

func TestAProjectThatRefusesIsLeft(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		for i := range 20 { // so that each project has one call at a time
			w.finish(t, eetest.Succeeded, w.startMany(t, fmt.Sprint("p", i), 4)...)
		}
		w.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
			if of(r) != "p3" || strings.HasSuffix(r.URL.Path, "/operations") {
				return nil
			}
			return &eetest.Fault{Status: 403, Message: "not you"}
		})
		w.expect(t, 4, 76, 0, 0, 4)
		if n := w.ee.Count(eetest.GetOperation); n != 76+1 {
			t.Errorf("%d calls, want one for the project that refuses", n)
		}
	}, eetest.WithWorld(eetest.World{ListLag: time.Hour}))
}

// count returns how many calls were about a project.
func (w *world) count(project string) (n int) {
	for _, r := range w.ee.Requests() {
		if strings.Contains(r.Path, "/projects/"+project+"/") {
			n++
		}
	}
	return n
}

func TestMoreProjectsThanCallsAtOnceTakeTurns(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		hanging := make(map[string]*eetest.Fault)
		for i := range 45 {
			project := fmt.Sprint("p", i)
			w.finish(t, eetest.Succeeded, w.startMany(t, project, 10)...)
			if i%2 == 0 {
				hanging[project] = &eetest.Fault{Delay: time.Hour}
			}
		}
		w.slow(hanging)
		w.expect(t, 230, 220, 0, 0, 230)
		w.slow(nil)
		w.expect(t, 0, 230, 0, 0, 0)
	})
}

// TestHalfOfTheQuotaIsLeftToExports calls for each Operation, since no list
// holds any.
func TestHalfOfTheQuotaIsLeftToExports(t *testing.T) {
	for _, tc := range []struct {
		name        string
		projects, n int
		call        time.Duration
	}{
		{"of the rate, if calls are fast", 1, 300, 100 * time.Millisecond},
		{"of the calls at once, if they are slow", 3, 60, 2 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, w *world) {
				for i := range tc.projects {
					w.finish(t, eetest.Succeeded, w.startMany(t, fmt.Sprint("p", i), tc.n)...)
				}
				w.ee.Inject(eetest.Fault{Delay: tc.call, Times: -1})
				w.expect(t, 0, tc.projects*tc.n, 0, 0, 0)
				u, calls := w.ee.Usage(), w.ee.Count(eetest.GetOperation) // the peak is that of one project
				if u.Refused != 0 || u.PeakConcurrentRequests*tc.projects > 20 || calls != tc.projects*tc.n {
					t.Errorf("%+v after %d calls", u, calls)
				}
			}, eetest.WithQuotas(eetest.Quotas{RequestsPerSecond: 50}), eetest.WithWorld(eetest.World{ListLag: time.Hour}))
		})
	}
}

func TestATickListsOrGetsWhicheverCostsLess(t *testing.T) {
	for _, tc := range []struct {
		name               string
		world              eetest.World
		older, ours, newer int
		hang               bool
		pages, gets        int
	}{
		{name: "few are asked for one by one", ours: 3, gets: 3},
		{name: "many are listed", ours: 60, pages: 1},
		{name: "newer ones do not hide them", ours: 150, newer: 600, pages: 2},
		{name: "older ones do not hide them if they come first", world: eetest.World{OldestFirst: true}, older: 600, ours: 150, pages: 2},
		{name: "a list that is too long is left", ours: 5, newer: 2000, pages: 1, gets: 5},
		{name: "what a list does not hold is asked for", world: eetest.World{ListLag: time.Hour}, older: 10, ours: 60, pages: 1, gets: 60},
		{name: "a list that hangs has its share of the time", ours: 60, hang: true, pages: 5, gets: 60},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, w *world) {
				for range tc.older {
					w.ee.Add(eetest.Operation{Project: "p", CreateTime: time.Now().Add(-time.Hour)})
				}
				w.finish(t, eetest.Failed, w.startMany(t, "p", tc.ours)...)
				for range tc.newer {
					w.ee.Add(eetest.Operation{Project: "p"})
				}
				if tc.hang {
					w.ee.Inject(eetest.Fault{Method: eetest.ListOperations, Delay: time.Hour, Times: -1})
				}
				w.expect(t, 0, 0, tc.ours, 0, 0)
				if pages, gets := w.ee.Count(eetest.ListOperations), w.ee.Count(eetest.GetOperation); pages != tc.pages || gets != tc.gets {
					t.Errorf("%d pages and %d single calls, want %d and %d", pages, gets, tc.pages, tc.gets)
				}
			}, eetest.WithWorld(tc.world))
		})
	}
}
