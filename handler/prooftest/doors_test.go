package prooftest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/rpcstatus"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// good is a request that both doors accept.
var good = request("projects/project-1", "projects/assets/assets/storm/1", `"description":"event 1",`)

// deployDoors makes a deployment that answers an event as it answers HTTP: it has
// no failures topic, and nothing waits.
func deployDoors(t testing.TB) *deployment {
	return deploy(t, map[string]string{
		"FAILURES_TOPIC": "", "REQUESTS_TOPIC": "",
		"ALLOWED_PROJECTS": "my-project,project-1,project-2",
		"ALLOWED_ASSETS":   "projects/my-project/assets,projects/assets/assets,projects/earthengine-legacy/assets",
	}, eetest.Unrecorded())
}

// verdict is a door's answer.
type verdict struct {
	code int
	err  string // Google's error body; "" for a success
}

// mustBe checks that a verdict is an acceptance, or a refusal in Google's form. The
// stand-in must not refuse what the function let through.
func (v verdict) mustBe(t *testing.T, how string) {
	t.Helper()
	said, google := rpcstatus.Parse(v.code, []byte(v.err))
	if v.code != http.StatusOK && (!google || said.Code != v.code) {
		t.Errorf("%s: %v, which is not an error in Google's form", how, v)
	}
	if v.code >= 500 || said.Reason() == "EARTH_ENGINE_REFUSED" {
		t.Errorf("%s: %v", how, v)
	}
}

// sent is the time of every request, so that placeholders are the same.
var sent = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// everywhere sends a request through both doors, as data and as a message, and
// checks that all answer alike.
func (d *deployment) everywhere(t *testing.T, body []byte) {
	t.Helper()
	want := serve(t, d.exporter.ServeHTTP, body, http.Header{"X-Goog-Pubsub-Publish-Time": {sent.Format(time.RFC3339)}})
	want.mustBe(t, "over HTTP")
	if got := d.asEvent(t, "com.example.request", body); got != want {
		t.Errorf("over HTTP: %v\nas an event: %v", want, got)
	}
	if len(body) > 0 { // a message without data is not the same mistake as an empty request
		if got := d.asEvent(t, local.MessagePublished, handlertest.Message{ID: "1", Data: body}.Envelope()); got != want {
			t.Errorf("over HTTP: %v\nas a message: %v", want, got)
		}
	}
}

func (d *deployment) asEvent(t *testing.T, kind string, data []byte) verdict {
	t.Helper()
	return serve(t, d.exporter.ServeEvent, data, http.Header{
		"Ce-Specversion": {"1.0"}, "Ce-Id": {"1"}, "Ce-Type": {kind}, "Ce-Time": {sent.Format(time.RFC3339)},
		"Ce-Source": {"//pubsub.googleapis.com/projects/my-project/topics/requests"}, "Content-Type": {"application/json"},
	})
}

// serve sends a request to a door. It masks the request ID in the answer, which
// differs between the doors.
func serve(t *testing.T, door http.HandlerFunc, body []byte, headers http.Header) verdict {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.Header = headers
	door(w, r)
	if w.Code == http.StatusOK {
		return verdict{code: w.Code}
	}
	return verdict{w.Code, strings.Replace(w.Body.String(), `"requestId":"`+w.Header().Get("X-Request-Id")+`"`, `"requestId":"ID"`, 1)}
}

// FuzzDoors sends the same bytes through both doors and expects the same answer:
// both accept, or both refuse with the same error, down to the last violation.
// No input is the function's fault: there is no 5xx and no panic.
func FuzzDoors(f *testing.F) {
	for _, name := range requests.Names() {
		f.Add(requests.Get(name))
	}
	for _, body := range brokenRequests() {
		f.Add([]byte(body))
	}
	d := deployDoors(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		defer d.ps.Server().ClearMessages()
		d.everywhere(t, body)
	})
}

// brokenRequests are invalid requests, each in a different way.
func brokenRequests() []string {
	all := []string{"", " ", "{", "{}", "[]", "null", "true", `"`, "\xff", "\x00", string(good) + string(good), string(good) + "x", strings.Repeat("[", 20_000)}
	for _, change := range [][2]string{
		{`{"project"`, `{"priority":-1,"workloadTag":"-","requestId":"ü","extra":{"a":[1,{}]},"project"`},
		{`{"project"`, `{"project":"projects/my-project","project"`},
		{`{"project"`, `{"priority":{"value":1e2},"request_id":"r-1","workload_tag":null,"project"`},
		{`"projects/project-1"`, `"projects/other"`},
		{`"projects/project-1"`, `"project-1"`},
		{`assets/assets/storm/1"`, `other/assets/x"`},
		{`storm/1"`, `x_{date}_{time}"`},
		{`storm/1"`, `{x}"`},
		{`storm/1"`, `../x"`},
		{"event 1", `%d %s \ud800 \u0000 {time}`},
		{"event 1", "\xc3\x28"},
		{"smileCart", "libsvm"},
		{`"result":"0"`, `"result":"1"`},
		{`"arguments":{}`, `"arguments":{"a":{"valueReference":"0"}}`},
		{`"arguments":{}`, `"arguments":{"a":{"argumentReference":"x"}}`},
	} {
		all = append(all, strings.Replace(string(good), change[0], change[1], 1))
	}
	return all
}
