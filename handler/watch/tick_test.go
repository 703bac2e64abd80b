package watch_test

import (
	"maps"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/watch"
)

func TestEachEndIsPublishedAsWhatItIs(t *testing.T) {
	clock := eetest.NewClock(time.Now())
	w := newWorld(t, eetest.WithClock(clock), eetest.WithLifecycle(eetest.Lifecycle{Running: 1000 * time.Hour}))
	want := map[string]eetest.State{
		w.start(t, "p", 0): eetest.Succeeded, w.start(t, "p", 0): eetest.Failed, w.start(t, "p", 0): eetest.Cancelled, w.start(t, "p", 0): ""}
	w.expect(t, 4, 0, 0, 0, 0)
	clock.Advance(time.Hour)
	for name, state := range want {
		if state != "" {
			w.finish(t, state, name)
		}
	}
	s := w.expect(t, 1, 1, 1, 1, 0)
	if len(s.Usage) != 1 || s.Usage[0] != (watch.Usage{Project: "projects/p", WorkloadTag: "team-a", EECUSeconds: 3 * 7200}) {
		t.Errorf("usage %+v", s.Usage)
	}
	for _, m := range w.ps.Messages("completions") {
		a := m.Attributes
		state := string(want[a["operation"]])
		word := strings.ToLower(state)
		for name, want := range map[string]string{
			"ce-specversion": "1.0", "ce-type": "eeexport.operation." + word + ".v1", "ce-id": a["operation"] + "/" + word,
			"ce-subject": a["operation"], "ce-source": "//earthengine.googleapis.com/projects/p", "state": state,
			"project": "projects/p", "workloadTag": "team-a", "eecuSeconds": "7200", "Content-Type": "application/json",
		} {
			if a[name] != want {
				t.Errorf("%s %q, want %q", name, a[name], want)
			}
		}
		if op, err := eeclient.ParseOperation(m.Data); err != nil || op.Name() != a["operation"] || op.State() != eeclient.State(state) {
			t.Errorf("data %s", m.Data)
		}
	}
	w.expect(t, 1, 0, 0, 0, 0)
	w.left(t, 1)
	if len(w.ends()) != 3 || len(w.ps.Messages("completions")) != 3 {
		t.Errorf("%v", w.ends())
	}
}

func TestDoneWhileCancellingIsCancelled(t *testing.T) {
	w := newWorld(t)
	name := w.start(t, "p", time.Minute)
	w.ee.Inject(eetest.Fault{Method: eetest.GetOperation, Body: `{"name":"` + name + `","done":true,"metadata":{"state":"CANCELLING"}}`})
	w.expect(t, 0, 0, 0, 1, 0)
	if w.ends()[name+"/cancelled"] != 1 {
		t.Error(w.ends())
	}
}

func TestAnUnknownOperationIsLostOnlyIfItIsOldAndNotListed(t *testing.T) {
	get, list := eetest.GetOperation, eetest.ListOperations
	for _, tc := range []struct {
		name   string
		ago    time.Duration
		hidden bool // from lists too
		faults []eetest.Fault
		lost   bool
		cause  string
	}{
		{"an old one that no list holds has failed", 2 * time.Hour, true, nil, true, ""},
		{"a young one is not known yet", 59 * time.Minute, true, nil, false, "the Operation is not known to Earth Engine yet"},
		{"an old one that a list holds is running", 2 * time.Hour, false, []eetest.Fault{{Method: get, Status: 404}}, false, ""},
		{"a proxy's 404 says nothing", 2 * time.Hour, true, []eetest.Fault{{Method: get, Status: 404, Body: "<html>gone</html>", Times: -1}}, false, "404"},
		{"a proxy's 404 with a message in JSON says nothing", 2 * time.Hour, true,
			[]eetest.Fault{{Method: get, Status: 404, Body: `{"error":{"message":"no route"}}`, Times: -1}}, false, "404"},
		{"the list is refused", 2 * time.Hour, true, []eetest.Fault{{Method: list, Status: 403, Message: "not you", Times: -1}}, false, "list: earth engine: PERMISSION_DENIED: not you"},
		{"the list fails", 2 * time.Hour, true, []eetest.Fault{{Method: list, Status: 503, Times: -1}}, false, "list: earth engine: UNAVAILABLE"},
		{"the list breaks off", 2 * time.Hour, true, []eetest.Fault{{Method: list, Truncate: true, Times: -1}}, false, "list: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			name := w.start(t, "p", tc.ago)
			w.ee.Hide(name, tc.hidden)
			w.ee.Inject(tc.faults...)
			s, _ := w.tick(t)
			if (s.Ended.Failed == 1) != tc.lost || (s.Pending == 1) == tc.lost {
				t.Errorf("%+v", s)
			}
			if (s.Errors == 0) != (tc.cause == "") || tc.cause != "" && !strings.Contains(s.Cause.Error(), tc.cause) {
				t.Errorf("%d errors: %v", s.Errors, s.Cause)
			}
			if !tc.lost {
				w.left(t, 1)
				return
			}
			w.left(t, 0)
			m := w.ps.Messages("completions")[0]
			if m.Attributes["reason"] != "OPERATION_NOT_FOUND" || m.Attributes["state"] != "FAILED" || !strings.Contains(string(m.Data), name) {
				t.Errorf("%v %s", m.Attributes, m.Data)
			}
		})
	}
}

func TestAListMayNameTheProjectByItsNumber(t *testing.T) {
	w := newWorld(t)
	name := w.start(t, "p", 2*time.Hour)
	w.ee.Hide(name, true)
	w.ee.Inject(eetest.Fault{Method: eetest.ListOperations, Body: `{"operations":[{"name":"projects/123/operations/` + path.Base(name) + `","done":true,"metadata":{"state":"SUCCEEDED"}}]}`})
	w.expect(t, 0, 1, 0, 0, 0)
	if w.ends()[name+"/succeeded"] != 1 {
		t.Error(w.ends())
	}
}

func TestAnUnknownOperationIsNotLostUntilTheLastPageIsSeen(t *testing.T) {
	w := newWorld(t)
	for range 1200 {
		w.ee.Add(eetest.Operation{Project: "p"})
	}
	name := w.start(t, "p", 2*time.Hour)
	w.ee.Hide(name, true)
	w.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
		if r.URL.Query().Has("pageToken") {
			return &eetest.Fault{Status: 500}
		}
		return nil
	})
	w.expect(t, 1, 0, 0, 0, 1)
	w.ee.ClearFaults()
	w.expect(t, 0, 0, 1, 0, 0)
}

func TestAForeignMessageStaysOnTheSubscription(t *testing.T) {
	w := newWorld(t)
	w.ps.Publish("operations", []byte("hello"), nil)
	w.ps.Publish("operations", []byte("{}"), map[string]string{"ce-type": "eeexport.operation.started.v1", "operation": "../x"})
	if s := w.expect(t, 0, 0, 0, 0, 0); s.Foreign != 2 {
		t.Errorf("%+v", s)
	}
	if len(w.ends()) != 0 {
		t.Error(w.ends())
	}
}

func TestAnOperationThatIsAnnouncedTwiceEndsOnce(t *testing.T) {
	w := newWorld(t)
	name := w.start(t, "p", time.Minute)
	op, _ := w.ee.Operation(name)
	w.announce(t, op.JSON(), "projects/p")
	w.expect(t, 1, 0, 0, 0, 0)
	w.finish(t, eetest.Succeeded, name)
	w.expect(t, 0, 1, 0, 0, 0)
	w.left(t, 0)
	if !maps.Equal(w.ends(), map[string]int{name + "/succeeded": 1}) {
		t.Error(w.ends())
	}
}

func TestAPanicIsAnErrorOfItsProjectOnly(t *testing.T) {
	for _, tc := range []struct {
		name, path string
		n          int // Operations of the bad project
	}{
		{"in a list", "/v1beta/projects/bad/operations", 5},
		{"in a call for one Operation", "/v1beta/projects/bad/operations/", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.connect(t, &http.Client{Transport: panicking{w.ee.Client().Transport, tc.path}}, gax.Sleep)
			w.finish(t, eetest.Succeeded, append(w.startMany(t, "bad", tc.n), w.startMany(t, "good", 5)...)...)
			if s := w.expect(t, tc.n, 5, 0, 0, tc.n); !strings.HasPrefix(s.Cause.Error(), "projects/bad: panic: a fault of ours") {
				t.Error(s.Cause)
			}
		})
	}
	t.Run("while publishing", func(t *testing.T) {
		w := newWorld(t)
		w.finish(t, eetest.Succeeded, w.start(t, "p", time.Minute))
		w.clients.Publisher = nil
		s, err := w.tick(t)
		if err == nil || s.Errors != 1 || !strings.Contains(err.Error(), "projects/p: publish: panic: ") {
			t.Errorf("%+v %v", s, err)
		}
	})
}

type panicking struct {
	next   http.RoundTripper
	prefix string
}

func (p panicking) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, p.prefix) {
		panic("a fault of ours")
	}
	return p.next.RoundTrip(r)
}

func TestAnEndThatCannotBeAcknowledgedIsNotCounted(t *testing.T) {
	w := newWorld(t)
	name := w.start(t, "p", time.Minute)
	w.finish(t, eetest.Succeeded, name)
	w.ps.InjectAck(handlertest.Fault{Status: status.New(codes.PermissionDenied, "not you")})
	if s := w.expect(t, 1, 0, 0, 0, 1); !strings.Contains(s.Cause.Error(), "projects/p: acknowledge: ") {
		t.Error(s.Cause)
	}
	w.expect(t, 0, 1, 0, 0, 0)
	if w.ends()[name+"/succeeded"] != 2 {
		t.Error(w.ends())
	}
}
