package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"example.com/eeexport"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

func TestMain(m *testing.M) {
	eeexport.Middleware = local.Middleware
	handlertest.Main(m)
}

// start serves a stack's console for as long as the test runs.
func start(t *testing.T) (*Console, *local.Stack) {
	t.Helper()
	page, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), local.Config{
		Command:    handlertest.Command(),
		Speed:      120,
		Retry:      local.Retry{Attempts: 3, Initial: 50 * time.Millisecond, Max: 50 * time.Millisecond},
		TickEvery:  400 * time.Millisecond,
		Log:        page,
		OnDelivery: page.Delivery,
		OnExchange: page.Exchange,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		page.Close()
		s.Close()
		if t.Failed() {
			t.Logf("the end of the functions' log:\n%s", tail(string(s.Log())))
		}
	})
	if err := page.Serve(context.WithoutCancel(t.Context()), s); err != nil {
		t.Fatal(err)
	}
	return page, s
}

// tail returns the last lines except the watcher's.
func tail(log string) string {
	lines := slices.DeleteFunc(strings.Split(log, "\n"), func(line string) bool { return strings.HasPrefix(line, "WatchOperations") })
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// post does what a button of the page does.
func post(t *testing.T, page *Console, path, body string) (int, string) {
	t.Helper()
	return send(t, http.MethodPost, page.URL+path, body, "Origin", page.URL, "Content-Type", "application/json")
}

// act is post for what must succeed.
func act(t *testing.T, page *Console, path, body string) {
	t.Helper()
	if code, answer := post(t, page, path, body); code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
}

func get(t *testing.T, page *Console, path string) (int, string) {
	t.Helper()
	return send(t, http.MethodGet, page.URL+path, "")
}

// send sends a request, whose headers come in pairs, and returns the status and
// the body of the answer.
func send(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// viewer is a page that reads the stream of events.
type viewer struct {
	t      *testing.T
	events *bufio.Scanner
	first  snapshot
}

// look opens the stream of events and reads its snapshot.
func look(t *testing.T, page *Console) *viewer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("%s %s", resp.Status, kind)
	}
	v := &viewer{t: t, events: bufio.NewScanner(resp.Body)}
	v.events.Buffer(nil, 8<<20)
	v.first = await(v, "snapshot", func(snapshot) bool { return true })
	return v
}

// next returns the next event.
func (v *viewer) next() (kind, data string) {
	v.t.Helper()
	for v.events.Scan() {
		switch name, value, _ := strings.Cut(v.events.Text(), ": "); name {
		case "event":
			kind = value
		case "data":
			return kind, value
		}
	}
	v.t.Fatalf("the stream has ended: %v", v.events.Err())
	return "", ""
}

// await reads events of a kind until one is as wanted.
func await[T any](v *viewer, kind string, wanted func(T) bool) T {
	v.t.Helper()
	for {
		got, data := v.next()
		if got != kind {
			continue
		}
		var value T
		if err := json.Unmarshal([]byte(data), &value); err != nil {
			v.t.Fatal(err)
		}
		if wanted(value) {
			return value
		}
	}
}

// another makes another export of a real request: one with a request ID of its
// own.
func another(name string) []byte {
	return requestIDs.ReplaceAll(requests.Get(name), fmt.Appendf(nil, `"requestId": "%s"`, uuid.NewString()))
}

// answered reports whether the request of this body has come to an outcome, and
// its answer is known. What the function logs of a request and what it answers
// arrive apart, so the last word of a request before may still come.
func answered(body []byte, outcome string) func(request) bool {
	id := strings.Split(string(requestIDs.Find(body)), `"`)[3]
	return func(r request) bool {
		if !ended(outcome)(r) {
			return false
		}
		last := r.Attempts[len(r.Attempts)-1]
		return last.RequestID == id && last.Bytes > 0
	}
}

var requestIDs = regexp.MustCompile(`"requestId": ?"[^"]*"`)

// ended reports whether a request has come to an outcome.
func ended(outcome string) func(request) bool {
	return func(r request) bool {
		return len(r.Attempts) > 0 && r.Attempts[len(r.Attempts)-1].Outcome == outcome
	}
}
