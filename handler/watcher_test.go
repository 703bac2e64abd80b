package handler_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// watched is a deployment of the watcher, and of a function that starts what it
// watches.
type watched struct {
	ee       *eetest.Server
	clock    *eetest.Clock
	ps       *handlertest.PubSub
	exporter *handlertest.Function
	watcher  *handlertest.Function
	env      map[string]string
}

func deployWatcher(t *testing.T, opts ...eetest.Option) *watched {
	t.Helper()
	w := &watched{clock: eetest.NewClock(time.Now())}
	w.ee = eetest.NewServer(append([]eetest.Option{eetest.Emulator(), eetest.WithClock(w.clock),
		eetest.WithLifecycle(eetest.Lifecycle{Pending: time.Minute, Running: time.Hour}),
		eetest.WithQuotas(eetest.Quotas{RequestsPerSecond: -1})}, opts...)...)
	t.Cleanup(w.ee.Close)
	w.ps = handlertest.NewPubSub(t, "operations", "failures", "completions")
	w.ps.Subscribe(t, "pending", "operations")
	w.env = handlertest.With(handlertest.Env(w.ee, w.ps), map[string]string{
		"COMPLETIONS_TOPIC": "completions", "PENDING_SUBSCRIPTION": "pending", "OPERATIONS_TOPIC": ""})
	w.watcher = handlertest.Start(t, "WatchOperations", w.env)
	w.exporter = handlertest.Start(t, "ExportClassifier", handlertest.Env(w.ee, w.ps))
	return w
}

// export starts an Operation and returns its name.
func (w *watched) export(t *testing.T, asset string) string {
	t.Helper()
	body := handlertest.Fields{"workloadTag": `"team-a"`, "assetExportOptions": handlertest.Asset("projects/my-project/assets/" + asset)["assetExportOptions"]}.Body()
	answer := w.exporter.Post(t, "/", body, "Idempotency-Key", asset)
	if answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	return answer.Name()
}

func (w *watched) tick(t *testing.T) *handlertest.Answer {
	t.Helper()
	return w.watcher.Post(t, "/", nil)
}

func (w *watched) finish(t *testing.T, name string, state eetest.State) {
	t.Helper()
	if err := w.ee.Finish(name, state); err != nil {
		t.Fatal(err)
	}
}

func TestWatchOperations(t *testing.T) {
	w := deployWatcher(t)
	succeeds, runs := w.export(t, "a"), w.export(t, "b")
	w.clock.Advance(10 * time.Minute)
	w.finish(t, succeeds, eetest.Succeeded)
	answer := w.tick(t)
	var got map[string]any
	if err := json.Unmarshal(answer.Body, &got); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if _, ok := got["oldestPendingAge"].(string); !ok {
		t.Errorf("%s", answer.Body)
	}
	delete(got, "oldestPendingAge")
	want := map[string]any{"pending": 1.0, "errors": 0.0, "foreign": 0.0, "ended": map[string]any{"succeeded": 1.0, "failed": 0.0, "cancelled": 0.0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s", answer.Body)
	}
	messages := w.ps.Messages("completions")
	if len(messages) != 1 || w.ps.Unacknowledged(t, "pending") != 1 {
		t.Fatalf("%d ends, and %s runs", len(messages), runs)
	}
	if op, _ := w.ee.Operation(succeeds); compact(messages[0].Data) != compact(op.JSON()) {
		t.Errorf("%s", messages[0].Data)
	}
	// The deployment's metrics are taken from these lines.
	lines := logLines(t, w.watcher, 2)
	eecu, tick := lines[0], lines[1]
	if eecu["message"] != "eecu" || eecu["severity"] != "INFO" || eecu["trigger"] != "watch" || eecu["project"] != "projects/my-project" ||
		eecu["workloadTag"] != "team-a" || eecu["eecuSeconds"] != 2*9*60.0 {
		t.Errorf("%v", eecu)
	}
	if _, ok := tick["oldestPendingSeconds"].(float64); !ok || tick["message"] != "watched" || tick["severity"] != "INFO" || tick["trigger"] != "watch" ||
		tick["outcome"] != "watched" || tick["class"] != "success" || tick["pending"] != 1.0 || tick["errors"] != 0.0 || tick["cause"] != nil {
		t.Errorf("%v", tick)
	}
}

// logLines waits for a function to log n requests or more, and returns what it
// has logged.
func logLines(t *testing.T, fn *handlertest.Function, n int) (lines []map[string]any) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(lines) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d lines, want %d", len(lines), n)
		}
		lines = nil
		for text := range strings.Lines(fn.Log()) {
			var line map[string]any
			if json.Unmarshal([]byte(text), &line) == nil && line["trigger"] != nil {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// TestTheLogOfATickShowsTheCause injects one fault after the other into the
// tick of a deployment with an Operation that has ended and one that runs.
func TestTheLogOfATickShowsTheCause(t *testing.T) {
	refused := status.New(codes.PermissionDenied, "not you")
	for _, tc := range []struct {
		name     string
		inject   func(w *watched, runs string)
		code     int
		severity string
		cause    string
	}{
		{"Earth Engine refuses everything", func(w *watched, _ string) {
			w.ee.Inject(eetest.Fault{Status: 403, Message: "the door is shut", Times: -1})
		}, 503, "ERROR", "projects/my-project: earth engine: PERMISSION_DENIED: the door is shut"},
		{"Earth Engine fails", func(w *watched, _ string) {
			w.ee.Inject(eetest.Fault{Status: 500, Message: "a bad day", Times: -1})
		}, 503, "ERROR", "projects/my-project: earth engine: INTERNAL: a bad day"},
		{"Earth Engine hangs", func(w *watched, _ string) {
			w.ee.Inject(eetest.Fault{Delay: time.Minute, Times: -1})
		}, 503, "ERROR", "projects/my-project: earth engine: DEADLINE_EXCEEDED"},
		{"one Operation cannot be read", func(w *watched, runs string) {
			w.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
				if !strings.HasSuffix(r.URL.Path, runs) {
					return nil
				}
				return &eetest.Fault{Body: "nonsense"}
			})
		}, 200, "WARNING", "projects/my-project: earth engine: UNAVAILABLE: the answer cannot be read"},
		{"the completions topic is gone", func(w *watched, _ string) {
			w.env["COMPLETIONS_TOPIC"] = "missing"
		}, 200, "WARNING", "projects/my-project: publish: rpc error: code = NotFound"},
		{"ends cannot be published", func(w *watched, _ string) {
			w.ps.Inject(handlertest.Fault{On: "completions", Status: refused, Times: -1})
		}, 200, "WARNING", "projects/my-project: publish: rpc error: code = PermissionDenied desc = not you"},
		{"publishing hangs", func(w *watched, _ string) {
			w.ps.Inject(handlertest.Fault{On: "completions", Delay: time.Minute, Times: -1})
		}, 200, "WARNING", "projects/my-project: publish: "},
		{"ends cannot be acknowledged", func(w *watched, _ string) {
			w.ps.InjectAck(handlertest.Fault{Status: refused, Times: -1})
		}, 200, "WARNING", "projects/my-project: acknowledge: rpc error: code = PermissionDenied desc = not you"},
		{"the subscription is refused", func(w *watched, _ string) {
			w.ps.InjectPull(handlertest.Fault{Status: refused, Times: -1})
		}, 503, "ERROR", "projects/my-project/subscriptions/pending: pull: rpc error: code = PermissionDenied desc = not you"},
		{"the subscription is not there", func(w *watched, _ string) {
			w.env["PENDING_SUBSCRIPTION"] = "missing"
		}, 503, "ERROR", "projects/my-project/subscriptions/missing: pull: rpc error: code = NotFound"},
		{"pulling hangs", func(w *watched, _ string) {
			w.ps.InjectPull(handlertest.Fault{Delay: time.Minute, Times: -1})
		}, 503, "ERROR", "projects/my-project/subscriptions/pending: pull: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := deployWatcher(t)
			w.finish(t, w.export(t, "a"), eetest.Succeeded)
			runs := w.export(t, "b")
			w.env["CLOUD_RUN_TIMEOUT_SECONDS"] = "4"
			tc.inject(w, runs)
			fn := handlertest.Start(t, "WatchOperations", w.env)
			answer := fn.Post(t, "/", nil)
			line := logLines(t, fn, 1)[0]
			cause, _ := line["cause"].(string)
			if answer.Code != tc.code || line["severity"] != tc.severity || line["errors"] == 0.0 || !strings.Contains(cause, tc.cause) {
				t.Errorf("%d %s\n%v", answer.Code, answer.Body, line)
			}
			if tc.code == 503 && answer.Error().Reason() != "NOTHING_WATCHED" {
				t.Errorf("%s", answer.Body)
			}
		})
	}
}

func TestTheWatchersOwnVariablesAreRequired(t *testing.T) {
	w := deployWatcher(t)
	fn := handlertest.Start(t, "WatchOperations", handlertest.With(w.env, map[string]string{"PENDING_SUBSCRIPTION": "", "COMPLETIONS_TOPIC": ""}))
	fn.AwaitLine(t, "PENDING_SUBSCRIPTION", "COMPLETIONS_TOPIC")
	if strings.Contains(fn.Log(), "OPERATIONS_TOPIC") {
		t.Error(fn.Log())
	}
	if answer := fn.Post(t, "/", nil); answer.Code != 500 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if answer, err := w.watcher.Send("GET", "/", nil); err != nil || answer.Code != 405 || answer.Header.Get("Allow") != "POST" {
		t.Errorf("only POST: %v %+v", err, answer)
	}
}

// compact leaves out the spaces: an Operation is indented as deep as it stands
// in a list.
func compact(b []byte) string {
	var buf bytes.Buffer
	if err := json.Compact(&buf, b); err != nil {
		return err.Error()
	}
	return buf.String()
}
