package prooftest

import (
	"net/url"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
)

// FuzzDoors sends the same bytes through both doors and expects the same answer:
// both accept, or both refuse with the same error, down to the last violation.
// Nothing that is sent is the function's fault: no 5xx, no panic.
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
