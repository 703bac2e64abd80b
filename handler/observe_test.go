package handler_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

// TestLogLines compares what is logged of each kind of outcome with a golden
// file. What differs from run to run is masked there.
func TestLogLines(t *testing.T) {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations", "failures")
	env := handlertest.With(handlertest.Env(ee, ps), map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "30"})
	web, event := handlertest.Start(t, "ExportClassifier", env), handlertest.Start(t, "ExportClassifierEvent", env)
	body := handlertest.Asset("projects/my-project/assets/a").Body()
	const operation = `{"name":"projects/my-project/operations/X","metadata":{"state":"PENDING"}}`
	for _, tc := range []struct {
		name string
		ee   []eetest.Fault
		ps   []handlertest.Fault
		fn   *handlertest.Function
		send func(*handlertest.Function)
	}{
		{"exported-http", []eetest.Fault{{Status: 503}, {Body: operation}}, nil, web, func(fn *handlertest.Function) {
			fn.Post(t, "/", body, "Idempotency-Key", "k", "traceparent", parent)
		}},
		{"exported-event", []eetest.Fault{{Body: operation}}, nil, event, func(fn *handlertest.Function) {
			fn.Deliver(t, handlertest.Message{ID: "1", Data: body})
		}},
		{"invalid", nil, nil, event, func(fn *handlertest.Function) {
			fn.Deliver(t, handlertest.Message{ID: "2", Data: []byte(`{"priority":-1}`)})
		}},
		{"quota", []eetest.Fault{{Status: 429, RetryAfter: "60"}}, nil, event, func(fn *handlertest.Function) {
			fn.Deliver(t, handlertest.Message{ID: "3", Data: body})
		}},
		{"unavailable", []eetest.Fault{{Status: 503, Times: 5}}, nil, web, func(fn *handlertest.Function) {
			fn.Post(t, "/", body, "Idempotency-Key", "k")
		}},
		{"unpublished", []eetest.Fault{{Body: operation}}, []handlertest.Fault{{Status: status.New(codes.NotFound, "no such topic")}}, web, func(fn *handlertest.Function) {
			fn.Post(t, "/", body, "Idempotency-Key", "k", "X-Cloud-Trace-Context", "105445aa7843bc8bf206b12000100000/1;o=1")
		}},
		{"wrong-method", nil, nil, web, func(fn *handlertest.Function) {
			if _, err := fn.Send("GET", "/", nil); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ee.Inject(tc.ee...)
			ps.Inject(tc.ps...)
			before := len(tc.fn.Log())
			tc.send(tc.fn)
			lines := linesSince(tc.fn, before)
			if len(lines) != 1 {
				t.Fatalf("%d lines for one request: %q", len(lines), lines)
			}
			golden(t, "log-"+tc.name+".json", mask(t, lines[0]))
		})
	}
}

// linesSince returns the structured lines that a function has written since its
// log had a length. The last of them was written before the answer, but the
// pipe that it came by may be slower. (The framework adds a line of its own,
// which is not JSON, for an event that is not acknowledged.)
func linesSince(fn *handlertest.Function, before int) (lines []string) {
	for deadline := time.Now().Add(5 * time.Second); len(lines) == 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for line := range strings.Lines(fn.Log()[before:]) {
			if strings.HasPrefix(line, "{") && strings.HasSuffix(line, "}\n") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// mask indents a line and hides what differs from run to run.
func mask(t *testing.T, line string) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	fields["time"] = "TIME"
	for name := range fields["durationMs"].(map[string]any) {
		fields["durationMs"].(map[string]any)[name] = 0
	}
	if labels, ok := fields["logging.googleapis.com/labels"].(map[string]any); ok {
		labels["execution_id"] = "EXECUTION"
	}
	if source, ok := fields["logging.googleapis.com/sourceLocation"].(map[string]any); ok {
		source["file"], source["line"] = filepath.Base(source["file"].(string)), 0
	}
	out, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAll(out, []byte("HOST")), '\n')
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs:\n%s\nwant:\n%s", name, got, want)
	}
}

// spanCollector is an OTLP receiver over HTTP.
type spanCollector struct {
	mu    sync.Mutex
	spans map[string]*tracepb.Span // by name; attempts by name and number
	all   []*tracepb.Span
}

func (c *spanCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans[span.Name] = span
				c.all = append(c.all, span)
			}
		}
	}
}

func TestOneTraceRunsFromTheProducerToTheConsumer(t *testing.T) {
	received := &spanCollector{spans: map[string]*tracepb.Span{}}
	server := httptest.NewServer(received)
	defer server.Close()
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations", "failures")
	env := handlertest.With(handlertest.Env(ee, ps), map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL})
	body := handlertest.Fields{}.Body()
	for _, tc := range []struct {
		name, target string
		kind         tracepb.Span_SpanKind
		send         func(*handlertest.Function)
	}{
		{"from HTTP", "ExportClassifier", tracepb.Span_SPAN_KIND_SERVER, func(fn *handlertest.Function) {
			fn.Post(t, "/", body, "traceparent", parent)
		}},
		{"from a message", "ExportClassifierEvent", tracepb.Span_SPAN_KIND_CONSUMER, func(fn *handlertest.Function) {
			fn.Deliver(t, handlertest.Message{ID: "1", Data: body, Attributes: map[string]string{"googclient_traceparent": parent}})
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			received.spans, received.all = map[string]*tracepb.Span{}, nil
			ee.Inject(eetest.Fault{Status: 503})
			fn := handlertest.Start(t, tc.target, env)
			tc.send(fn)
			// Everything has been sent by the time of the answer.
			received.mu.Lock()
			defer received.mu.Unlock()
			root := received.spans["export"]
			if root == nil || len(received.all) != 6 {
				t.Fatalf("%d spans: %v", len(received.all), received.all)
			}
			if fmt.Sprintf("%x", root.ParentSpanId) != "b7ad6b7169203331" || root.Kind != tc.kind {
				t.Errorf("the request's span: %v", root)
			}
			parents := map[string]*tracepb.Span{"decode": root, "submit": root, "publish": root, "attempt": received.spans["submit"]}
			failed := 0
			for _, span := range received.all {
				if fmt.Sprintf("%x", span.TraceId) != traceID {
					t.Errorf("%s is in another trace", span.Name)
				}
				if p := parents[span.Name]; p != nil && string(span.ParentSpanId) != string(p.SpanId) {
					t.Errorf("%s is not a child of %s", span.Name, p.Name)
				}
				if span.Name == "attempt" && span.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR {
					failed++
				}
			}
			if failed != 1 {
				t.Errorf("%d attempts failed, want 1 of 2", failed)
			}
			messages := ps.Messages("operations")
			want := fmt.Sprintf("00-%s-%x-01", traceID, received.spans["publish"].SpanId)
			if got := messages[len(messages)-1].Attributes["traceparent"]; got != want {
				t.Errorf("traceparent %s, want the span that publishes: %s", got, want)
			}
			fn.AwaitLine(t, `"logging.googleapis.com/trace":"projects/my-project/traces/`+traceID)
		})
	}
}

func TestACollectorThatIsDownHoldsUpNothing(t *testing.T) {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations", "failures")
	fn := handlertest.Start(t, "ExportClassifier", handlertest.With(handlertest.Env(ee, ps), map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}))
	if answer := fn.Post(t, "/", handlertest.Fields{}.Body()); answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}
