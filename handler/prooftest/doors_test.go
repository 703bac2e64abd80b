package prooftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

const messagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

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

// newVerdict reads an answer. It masks the request ID, which differs between the
// doors.
func newVerdict(w *httptest.ResponseRecorder) verdict {
	if w.Code == http.StatusOK {
		return verdict{code: w.Code}
	}
	err := w.Body.Bytes()
	if id := w.Header().Get("X-Request-Id"); id != "" {
		err = bytes.Replace(err, []byte(`"requestId":"`+id+`"`), []byte(`"requestId":"ID"`), 1)
	}
	return verdict{w.Code, err}
}

func (v verdict) String() string { return fmt.Sprintf("%d %s", v.code, v.err) }

func (v verdict) agrees(other verdict) bool {
	return v.code == other.code && bytes.Equal(v.err, other.err)
}

// mustBe checks that a verdict is an acceptance, or a refusal in Google's form. The
// stand-in must not refuse what the function let through.
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

// sent is the time of every request, so that placeholders are the same.
var sent = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// everywhere sends a request through both doors, as data and as a message. It checks
// that all say the same, and returns it.
func (d *deployment) everywhere(t *testing.T, body []byte) verdict {
	t.Helper()
	want := d.overHTTP(t, &url.URL{Path: "/"}, body)
	want.mustBe(t, "over HTTP")
	if got := d.asEvent(t, "com.example.request", "application/json", body); !got.agrees(want) {
		t.Errorf("over HTTP: %s\nas an event: %s", want, got)
	}
	if len(body) > 0 { // a message without data is another mistake than an empty request
		if got := d.asEvent(t, messagePublished, "application/json", handlertest.Message{ID: "1", Data: body}.Envelope()); !got.agrees(want) {
			t.Errorf("over HTTP: %s\nas a message: %s", want, got)
		}
	}
	return want
}

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
