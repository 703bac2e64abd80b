package prooftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
)

// FuzzDoors sends the same bytes through both doors, and expects the same word
// from them: both accept, or both refuse with the same error to the last
// violation. Nothing that is sent is the function's fault: no 5xx, no panic.
func FuzzDoors(f *testing.F) {
	for _, name := range requests.Names() {
		body := requests.Get(name)
		f.Add(body, "/", "application/json")
	}
	for _, target := range []string{
		"/v1/projects/my-project/classifier:export", "/v1beta/projects/other/classifier:export", "/v9/projects/my-project/classifier:export",
		"/v1/projects/%6dy-project/classifier:export", "/?validateOnly=true", "/?validateOnly=maybe", "/?%zz", "/hooks/github", "//",
	} {
		f.Add(good, target, "application/json")
	}
	for _, contentType := range []string{"", "text/json", "application/vnd.x+json; charset=utf-8", "text/plain", "a/b/c;;"} {
		f.Add(good, "/", contentType)
	}
	for _, body := range brokenRequests() {
		f.Add([]byte(body), "/", "application/json")
	}

	d := deployDoors(f)
	f.Fuzz(func(t *testing.T, body []byte, target, contentType string) {
		defer d.ps.Server().ClearMessages()
		want := d.overHTTP(t, &url.URL{Path: "/"}, body)
		want.mustBe(t, "over HTTP")
		asData := d.asEvent(t, "com.example.request", "application/json", body)
		if !asData.agrees(want) {
			t.Errorf("over HTTP: %s\nas an event: %s", want, asData)
		}
		if len(body) > 0 { // a message without data is another mistake than an empty request
			asMessage := d.asEvent(t, messagePublished, "application/json", handlertest.Message{ID: "1", Data: body}.Envelope())
			if !asMessage.agrees(want) {
				t.Errorf("over HTTP: %s\nas a message: %s", want, asMessage)
			}
		}
		// What only one door has may be refused, and no more.
		d.asEvent(t, messagePublished, contentType, body).mustBe(t, "as an envelope of type "+contentType)
		d.asEvent(t, "com.example.request", contentType, body).mustBe(t, "as data of type "+contentType)
		if at, err := url.ParseRequestURI(target); err == nil && at.Path != "" {
			got := d.overHTTP(t, at, body)
			got.mustBe(t, "at "+target)
			if !strings.Contains(at.Path, "/projects/") && !strings.HasSuffix(at.Path, "/classifier:export") && at.RawQuery == "" && !got.agrees(want) {
				t.Errorf("at /: %s\nat %s: %s", want, target, got)
			}
		}
	})
}

const messagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// brokenRequests are requests that are wrong, each in another way.
func brokenRequests() []string {
	with := func(old, changed string) string {
		out := strings.Replace(string(good), old, changed, 1)
		if out == string(good) {
			panic("nothing to change: " + old)
		}
		return out
	}
	return []string{
		"", " ", "{", "{}", "[]", "null", "true", `"`, "\xff", "\x00", string(good) + string(good), string(good) + "x", strings.Repeat("[", 20_000),
		with(`{"project"`, `{"priority":-1,"workloadTag":"-","requestId":"ü","extra":{"a":[1,{}]},"project"`),
		with(`{"project"`, `{"project":"projects/my-project","project"`),
		with(`{"project"`, `{"priority":{"value":1e2},"request_id":"r-1","workload_tag":null,"project"`),
		with(`"projects/project-1"`, `"projects/other"`),
		with(`"projects/project-1"`, `"project-1"`),
		with(`"projects/assets/assets/storm/1"`, `"projects/other/assets/x"`),
		with(`"projects/assets/assets/storm/1"`, `"projects/assets/assets/x_{date}_{time}"`),
		with(`"projects/assets/assets/storm/1"`, `"projects/assets/assets/{x}"`),
		with(`"projects/assets/assets/storm/1"`, `"projects/assets/assets/../x"`),
		with("event 1", `%d %s \ud800 \u0000 {time}`),
		with("event 1", "\xc3\x28"),
		with("smileCart", "libsvm"),
		with(`"result":"0"`, `"result":"1"`),
		with(`"arguments":{}`, `"arguments":{"a":{"valueReference":"0"}}`),
		with(`"arguments":{}`, `"arguments":{"a":{"argumentReference":"x"}}`),
	}
}

// good is a request that both doors accept.
var good = request("projects/project-1", "projects/assets/assets/storm/1", `"description":"event 1",`)

// deployDoors makes a deployment that answers an event as it answers HTTP: it has
// no failures topic, and nothing waits.
func deployDoors(t testing.TB) *deployment {
	return deploy(t, map[string]string{
		"FAILURES_TOPIC": "", "REQUESTS_TOPIC": "",
		"ALLOWED_PROJECTS": "my-project,project-1,project-2",
		"ALLOWED_ASSETS":   "projects/my-project/assets,projects/assets/assets,projects/earthengine-legacy/assets",
	}, eetest.WithRecording(eetest.Recording{Bytes: -1, Requests: -1}))
}

// verdict is what a door said.
type verdict struct {
	code int
	err  []byte // Google's error body; nil of a success
}

// newVerdict takes an answer. Its request ID, which each door settles in another
// way, is masked.
func newVerdict(w *httptest.ResponseRecorder) verdict {
	if w.Code == http.StatusOK {
		return verdict{code: w.Code}
	}
	err := w.Body.Bytes()
	if id := w.Header().Get("X-Request-Id"); id != "" {
		err = bytes.ReplaceAll(err, []byte(id), []byte("ID"))
	}
	return verdict{w.Code, err}
}

func (v verdict) String() string { return fmt.Sprintf("%d %s", v.code, v.err) }

func (v verdict) agrees(other verdict) bool {
	return v.code == other.code && bytes.Equal(v.err, other.err)
}

// mustBe checks that a verdict is one that a sender can be given: an acceptance,
// or a refusal in Google's form. The stand-in refuses nothing that has been let
// through to it.
func (v verdict) mustBe(t *testing.T, how string) {
	t.Helper()
	var body struct{ Error handlertest.Error }
	if v.code != http.StatusOK && json.Unmarshal(v.err, &body) != nil || v.code != http.StatusOK && body.Error.Code != v.code {
		t.Errorf("%s: %s, which is no error of Google's form", how, v)
	}
	if v.code >= 500 || body.Error.Reason() == "EARTH_ENGINE_REFUSED" {
		t.Errorf("%s: %s", how, v)
	}
}

// sent is when everything is sent, so that placeholders are the same.
var sent = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func (d *deployment) overHTTP(t *testing.T, at *url.URL, body []byte) verdict {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.URL = at
	r.Header.Set("X-Goog-Pubsub-Publish-Time", sent.Format(time.RFC3339))
	d.exporter.ServeHTTP(w, r)
	return newVerdict(w)
}

func (d *deployment) asEvent(t *testing.T, kind, contentType string, data []byte) verdict {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(data))
	for name, value := range map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Type": kind, "Ce-Time": sent.Format(time.RFC3339),
		"Ce-Source": "//pubsub.googleapis.com/projects/my-project/topics/requests", "Content-Type": contentType,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	d.exporter.ServeEvent(w, r)
	return newVerdict(w)
}
