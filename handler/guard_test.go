package handler

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func newTestExporter(t *testing.T, env map[string]string) (*Exporter, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	cfg, err := ExporterConfigFromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return New(cfg, slog.New(slog.NewJSONHandler(&log, nil))), &log
}

var testEnv = map[string]string{"GOOGLE_CLOUD_PROJECT": "my-project", "OPERATIONS_TOPIC": "operations", "EARTHENGINE_EMULATOR_HOST": "localhost:1"}

// TestAPanicIsAnInternalError checks that the answer holds nothing of the panic,
// that the log line holds all of it, and that the next request is served.
func TestAPanicIsAnInternalError(t *testing.T) {
	x, log := newTestExporter(t, testEnv)
	body := `{"expression":{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}},"assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/a"}}}`
	// Without a client, the submission will panic.
	x.backend.make = func(context.Context) (*backend, error) {
		return &backend{project: "my-project"}, nil
	}
	recorder := httptest.NewRecorder()
	x.ServeHTTP(recorder, httptest.NewRequest("POST", "/", strings.NewReader(body)))
	if recorder.Code != 500 || !strings.Contains(recorder.Body.String(), `"INTERNAL"`) || strings.Contains(recorder.Body.String(), "nil") {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
	id := recorder.Header().Get("X-Request-Id")
	if !strings.Contains(log.String(), "panic: ") || !strings.Contains(log.String(), "call.go") || id == "" || !strings.Contains(log.String(), `"requestId":"`+id+`"`) {
		t.Errorf("log %s", log)
	}
	event := httptest.NewRequest("POST", "/", strings.NewReader(body))
	for name, value := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Source": "//s", "Ce-Type": "t"} {
		event.Header.Set(name, value)
	}
	recorder = httptest.NewRecorder()
	if x.ServeEvent(recorder, event); recorder.Code != 500 {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
}

func TestLazyIsMadeOnceAndDoesNotKeepAnError(t *testing.T) {
	var mu sync.Mutex
	made, failing := 0, true
	l := lazy[int]{make: func(context.Context) (*int, error) {
		time.Sleep(time.Millisecond) // so that callers meet
		mu.Lock()
		defer mu.Unlock()
		if made++; failing {
			return nil, errors.New("not yet")
		}
		return new(int), nil
	}}
	if _, err := l.get(t.Context()); err == nil {
		t.Fatal("no error")
	}
	mu.Lock()
	made, failing = 0, false
	mu.Unlock()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if v, err := l.get(t.Context()); v == nil || err != nil {
				t.Errorf("%v %v", v, err)
			}
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	slow := lazy[int]{make: func(context.Context) (*int, error) { select {} }}
	if _, err := slow.get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestConfigFromEnv(t *testing.T) {
	for _, tc := range []struct {
		name, variable, value string
		wrong                 bool
	}{
		{"a topic's ID", "OPERATIONS_TOPIC", "started-exports.v1", false},
		{"a topic's full name", "OPERATIONS_TOPIC", "projects/other/topics/started", false},
		{"a topic with a space", "OPERATIONS_TOPIC", "my topic", true},
		{"a topic of Google's", "OPERATIONS_TOPIC", "goog-topic", true},
		{"a subscription for a topic", "OPERATIONS_TOPIC", "projects/p/subscriptions/s", true},
		{"a project with its prefix", "GOOGLE_CLOUD_PROJECT", "projects/my-project", false},
		{"a project in capitals", "GOOGLE_CLOUD_PROJECT", "My-Project", true},
		{"projects with spaces and both forms", "ALLOWED_PROJECTS", "a1, projects/b1 ,123", false},
		{"any project", "ALLOWED_PROJECTS", "*", false},
		{"a pattern", "ALLOWED_PROJECTS", "team-*", true},
		{"so many wrong items that others would not be logged", "ALLOWED_PROJECTS", strings.Repeat("WRONG,", 10_000), true},
		{"an empty item", "ALLOWED_PROJECTS", "a1,,b1", true},
		{"a folder of assets", "ALLOWED_ASSETS", "projects/p1/assets/models/", false},
		{"all of a project's assets", "ALLOWED_ASSETS", "projects/p1/assets", false},
		{"assets without a project", "ALLOWED_ASSETS", "users/me", true},
		{"assets with a dot segment", "ALLOWED_ASSETS", "projects/p1/assets/../x", true},
		{"a webhook secret", "WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false},
		{"two webhook secrets", "WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false},
		{"a webhook secret without a prefix", "WEBHOOK_SECRET", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true},
		{"an empty webhook secret", "WEBHOOK_SECRET", "whsec_", true},
		{"spaces for a webhook secret", "WEBHOOK_SECRET", "  ", true},
		{"a check", "EXPRESSION_CHECK", "structure", false},
		{"no such check", "EXPRESSION_CHECK", "Strict", true},
		{"zero bytes", "MAX_REQUEST_BYTES", "0", true},
		{"bytes in words", "MAX_REQUEST_BYTES", "10MB", true},
		{"an endpoint", "EARTHENGINE_ENDPOINT", "https://earthengine-highvolume.googleapis.com/", false},
		{"an endpoint with a path", "EARTHENGINE_ENDPOINT", "https://host/v1", true},
		{"an endpoint with a password", "EARTHENGINE_ENDPOINT", "https://user:password@host", true},
		{"a host without a port", "EARTHENGINE_EMULATOR_HOST", "localhost", true},
		{"a host with a port in words", "EARTHENGINE_EMULATOR_HOST", "localhost:http", true},
		{"a host with a port out of range", "EARTHENGINE_EMULATOR_HOST", "localhost:65536", true},
		{"a host with a port that nothing listens on", "EARTHENGINE_EMULATOR_HOST", "localhost:0", true},
		{"an endpoint in the clear", "EARTHENGINE_ENDPOINT", "http://example.com", true},
		{"an endpoint in the clear on loopback", "EARTHENGINE_ENDPOINT", "http://127.0.0.1:8080", false},
		{"reads of assets and of a bucket", "ALLOWED_READS", "projects/p1/assets, LANDSAT/LC08,gs://bucket/folder/", false},
		{"a host that cannot be in a URL", "EARTHENGINE_EMULATOR_HOST", "a%zz:80", true},
		{"a host with a user", "EARTHENGINE_EMULATOR_HOST", "me@localhost:80", true},
		{"reads of a bucket without a name", "ALLOWED_READS", "gs://", true},
		{"reads of a web page", "ALLOWED_READS", "https://example.com", true},
		{"an age", "REQUEST_MAX_AGE", "604800s", false},
		{"an age without a unit", "REQUEST_MAX_AGE", "604800", true},
		{"an IPv6 host", "EARTHENGINE_EMULATOR_HOST", "[::1]:8080", false},
		{"a timeout in words", "CLOUD_RUN_TIMEOUT_SECONDS", "60s", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ExporterConfigFromEnv(func(name string) string {
				if name == tc.variable {
					return tc.value
				}
				return testEnv[name]
			})
			if (err != nil) != tc.wrong {
				t.Fatalf("%v", err)
			}
			if err != nil && (len(err.Error()) > 1000 || !strings.HasPrefix(err.Error(), tc.variable+": ") || strings.Contains(err.Error(), "password") || strings.Contains(err.Error(), "MfKQ")) {
				t.Errorf("%v", err)
			}
		})
	}
}
