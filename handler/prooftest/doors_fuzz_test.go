package prooftest

import (
	"net/url"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
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
		want := d.everywhere(t, body)
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
