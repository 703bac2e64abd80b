package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
)

// TestDoctor compares the output for a deployment with a fault, one that cannot
// be read, and one that does not exist. Package doctor tests the findings.
func TestDoctor(t *testing.T) {
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/tokeninfo":
			w.Write([]byte(`{"email":"ann@example.com"}`))
		case strings.HasSuffix(r.URL.Path, "/config"):
			w.Write([]byte(`{"registrationState":"NOT_REGISTERED"}`))
		case strings.HasPrefix(r.URL.Path, "/v2/"):
			http.Error(w, `{"error":{"code":403,"message":"Permission \u001b[2J denied"}}`, http.StatusForbidden)
		default:
			http.Error(w, `{"error":{"code":404,"message":"Not found"}}`, http.StatusNotFound)
		}
	}))
	defer google.Close()
	tokens := eetest.NewServer()
	defer tokens.Close()
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", write(t, "key.json", string(tokens.ServiceAccountKey("my-project"))))
	t.Setenv("EARTHENGINE_ENDPOINT", google.URL)
	for _, api := range []string{"OAUTH2", "SERVICEUSAGE", "CLOUDRESOURCEMANAGER", "CLOUDFUNCTIONS", "PUBSUB"} {
		t.Setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_"+api, google.URL)
	}
	r := command(t, "", "doctor", "--project", "my-project")
	if r.status != exitFailed || r.errOut != "" {
		t.Errorf("%d %s", r.status, r.errOut)
	}
	golden(t, "doctor.txt", r.out)
	status, screen := startTerminal(t, 60, "doctor", "--project", "my-project").wait()
	if status != exitFailed {
		t.Errorf("exit status %d", status)
	}
	golden(t, "doctor-60.txt", screen)

	r = command(t, "", "doctor", "--project", "my-project", "--json")
	for line := range strings.Lines(r.out) {
		var finding struct{ Check, Status, Text string }
		if err := json.Unmarshal([]byte(line), &finding); err != nil || finding.Check == "" || finding.Status == "" || finding.Text == "" {
			t.Errorf("%v in %s", err, line)
		}
	}
	if r.status != exitFailed || r.errOut != "" {
		t.Errorf("%d %s", r.status, r.errOut)
	}
}
