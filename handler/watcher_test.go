package handler_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient"
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
	body := fmt.Appendf(nil, `{"expression":{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}},`+
		`"workloadTag":"team-a","assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/%s"}}}`, asset)
	answer := w.exporter.Post(t, "/", body, "Idempotency-Key", asset)
	if answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	return answer.Name()
}

type summary struct {
	Pending          int
	Ended            struct{ Succeeded, Failed, Cancelled int }
	Errors, Foreign  int
	OldestPendingAge string
}

func (w *watched) tick(t *testing.T) (s summary) {
	t.Helper()
	answer := w.watcher.Post(t, "/", nil)
	if answer.Code != http.StatusOK {
		t.Fatalf("tick: %d %s", answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWatchOperations(t *testing.T) {
	t.Run("each end is published as what it is", func(t *testing.T) {
		w := deployWatcher(t)
		succeeds, fails, cancelled, runs := w.export(t, "a"), w.export(t, "b"), w.export(t, "c"), w.export(t, "d")
		if s := w.tick(t); s.Pending != 4 || len(w.ps.Messages("completions")) != 0 {
			t.Fatalf("%+v", s)
		}
		for name, state := range map[string]eetest.State{succeeds: eetest.Succeeded, fails: eetest.Failed, cancelled: eetest.Cancelled} {
			if err := w.ee.Finish(name, state); err != nil {
				t.Fatal(err)
			}
		}
		s := w.tick(t)
		if s.Pending != 1 || s.Ended.Succeeded != 1 || s.Ended.Failed != 1 || s.Ended.Cancelled != 1 || s.Errors != 0 {
			t.Errorf("%+v", s)
		}
		seen := map[string]string{}
		for _, m := range w.ps.Messages("completions") {
			a := m.Attributes
			seen[a["operation"]] = a["state"]
			word := strings.ToLower(a["state"])
			for name, want := range map[string]string{
				"ce-specversion": "1.0", "ce-type": "eeexport.operation." + word + ".v1", "ce-id": a["operation"] + "/" + word,
				"ce-subject": a["operation"], "ce-source": "//earthengine.googleapis.com/projects/my-project",
				"project": "projects/my-project", "workloadTag": "team-a", "Content-Type": "application/json",
			} {
				if a[name] != want {
					t.Errorf("%s %q, want %q", name, a[name], want)
				}
			}
			if !strings.HasPrefix(a["asset"], "projects/my-project/assets/") || a["requestId"] == "" {
				t.Errorf("attributes %v", a)
			}
			if op, _ := w.ee.Operation(a["operation"]); compact(m.Data) != compact(op.JSON()) {
				t.Errorf("data %s", m.Data)
			}
		}
		if len(seen) != 3 || seen[succeeds] != "SUCCEEDED" || seen[fails] != "FAILED" || seen[cancelled] != "CANCELLED" || seen[runs] != "" {
			t.Errorf("%v", seen)
		}
		if s := w.tick(t); s.Pending != 1 || len(w.ps.Messages("completions")) != 3 || w.ps.Unacknowledged(t, "pending") != 1 {
			t.Errorf("a tick later: %+v", s)
		}
	})
	t.Run("an Operation that is not there has failed", func(t *testing.T) {
		w := deployWatcher(t)
		deleted := w.export(t, "a")
		w.ee.Hide(deleted, true)
		if s := w.tick(t); s.Ended.Failed != 1 || s.Pending != 0 {
			t.Errorf("%+v", s)
		}
		m := w.ps.Messages("completions")[0]
		if m.Attributes["reason"] != "OPERATION_NOT_FOUND" || m.Attributes["state"] != "FAILED" || m.Attributes["operation"] != deleted ||
			!strings.Contains(string(m.Data), deleted) || w.ps.Unacknowledged(t, "pending") != 0 {
			t.Errorf("%v %s", m.Attributes, m.Data)
		}
	})
	t.Run("a proxy's 404 ends nothing", func(t *testing.T) {
		w := deployWatcher(t)
		w.export(t, "a")
		w.ee.Inject(eetest.Fault{Method: eetest.GetOperation, Status: 404, Body: "<html>not here</html>"})
		if s := w.tick(t); s.Pending != 1 || s.Errors != 1 || s.Ended.Failed != 0 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("what is not ours is left in peace", func(t *testing.T) {
		w := deployWatcher(t)
		w.ps.Publish("operations", []byte("hello"), nil)
		w.ps.Publish("operations", []byte("{}"), map[string]string{"ce-type": "eeexport.operation.started.v1", "operation": "../x"})
		if s := w.tick(t); s.Foreign != 2 || s.Pending != 0 || s.Errors != 0 {
			t.Errorf("%+v", s)
		}
		if s := w.tick(t); s.Foreign != 0 {
			t.Errorf("they come back at once: %+v", s)
		}
		if len(w.ps.Messages("completions")) != 0 {
			t.Error("something is published")
		}
	})
	t.Run("an end that cannot be published stays", func(t *testing.T) {
		w := deployWatcher(t)
		if err := w.ee.Finish(w.export(t, "a"), eetest.Succeeded); err != nil {
			t.Fatal(err)
		}
		w.ps.Inject(handlertest.PublishFault{Topic: "completions", Status: status.New(codes.PermissionDenied, "")})
		if s := w.tick(t); s.Errors != 1 || s.Pending != 1 || s.Ended.Succeeded != 0 {
			t.Errorf("%+v", s)
		}
		if s := w.tick(t); s.Ended.Succeeded != 1 || w.ps.Unacknowledged(t, "pending") != 0 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("Earth Engine is down for a while", func(t *testing.T) {
		w := deployWatcher(t)
		for i := range 30 {
			w.export(t, fmt.Sprint("a", i))
		}
		w.ee.Inject(eetest.Fault{Status: 503, Times: -1})
		before := w.ee.Count("")
		if s := w.tick(t); s.Pending != 30 || s.Errors != 30 {
			t.Errorf("%+v", s)
		}
		if calls := w.ee.Count("") - before; calls > 250 {
			t.Errorf("%d calls to a service that is down", calls)
		}
		w.ee.ClearFaults()
		w.clock.Advance(2 * time.Hour)
		if s := w.tick(t); s.Ended.Succeeded != 30 || s.Errors != 0 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("one call that hangs keeps no end from being published", func(t *testing.T) {
		w := deployWatcher(t)
		fn := handlertest.Start(t, "WatchOperations", handlertest.With(w.env, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "4"}))
		for i := range 3 {
			name := w.export(t, fmt.Sprint("a", i))
			if err := w.ee.Finish(name, eetest.Succeeded); err != nil {
				t.Fatal(err)
			}
		}
		w.ee.Inject(eetest.Fault{Method: eetest.GetOperation, Delay: time.Minute})
		answer := fn.Post(t, "/", nil)
		if answer.Code != http.StatusOK || len(w.ps.Messages("completions")) != 2 || w.ps.Unacknowledged(t, "pending") != 1 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("newer tasks do not hide many older ones", func(t *testing.T) {
		w := deployWatcher(t)
		for i := range 150 {
			w.export(t, fmt.Sprint("a", i))
		}
		client, err := eeclient.New(t.Context(), eeclient.WithEmulatorHost(w.ee.Host()))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 600 {
			if _, err := client.ExportClassifier(t.Context(), &eeclient.ExportClassifierRequest{
				Project: "projects/my-project", RequestID: fmt.Sprint("b", i),
				Expression:  [][]byte{[]byte(`{"result":"0","values":{"0":{"constantValue":1}}}`)},
				Destination: eeclient.EarthEngineDestination{Name: fmt.Sprint("projects/my-project/assets/b", i)},
			}); err != nil {
				t.Fatal(err)
			}
		}
		if s := w.tick(t); s.Pending != 150 || w.ee.Count(eetest.GetOperation) != 0 {
			t.Errorf("%+v with %d single calls", s, w.ee.Count(eetest.GetOperation))
		}
	})
	t.Run("many Operations of one project are listed by the page", func(t *testing.T) {
		w := deployWatcher(t)
		for i := range 60 {
			w.export(t, fmt.Sprint("a", i))
		}
		if s := w.tick(t); s.Pending != 60 || w.ee.Count(eetest.GetOperation) != 0 || w.ee.Count(eetest.ListOperations) != 1 {
			t.Errorf("%+v with %d and %d calls", s, w.ee.Count(eetest.GetOperation), w.ee.Count(eetest.ListOperations))
		}
	})
	t.Run("the subscription cannot be had", func(t *testing.T) {
		w := deployWatcher(t)
		fn := handlertest.Start(t, "WatchOperations", handlertest.With(w.env, map[string]string{"PENDING_SUBSCRIPTION": "missing"}))
		if answer := fn.Post(t, "/", nil); answer.Code != 503 || answer.Error().Reason() != "SUBSCRIPTION_UNAVAILABLE" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("its own variables are required", func(t *testing.T) {
		w := deployWatcher(t)
		fn := handlertest.Start(t, "WatchOperations", handlertest.With(w.env, map[string]string{"PENDING_SUBSCRIPTION": "", "COMPLETIONS_TOPIC": ""}))
		if log := fn.Log(); !strings.Contains(log, "PENDING_SUBSCRIPTION") || !strings.Contains(log, "COMPLETIONS_TOPIC") || strings.Contains(log, "OPERATIONS_TOPIC") {
			t.Error(log)
		}
		if answer := fn.Post(t, "/", nil); answer.Code != 500 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("only POST", func(t *testing.T) {
		w := deployWatcher(t)
		if answer, err := w.watcher.Send("GET", "/", nil); err != nil || answer.Code != 405 || answer.Header.Get("Allow") != "POST" {
			t.Errorf("%v %+v", err, answer)
		}
	})
}

// TestWatcherThroughTrouble ends 3,000 Operations at random, with overlapping
// ticks, faults everywhere, and the watcher killed now and then.
func TestWatcherThroughTrouble(t *testing.T) {
	const operations = 3000
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := deployWatcher(t)
	names := make([]string, operations)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := worker; i < operations; i += 8 {
				names[i] = w.export(t, fmt.Sprint("a", i))
			}
		})
	}
	group.Wait()
	w.ps.AwaitMessages(t, "operations", operations)

	var mu sync.Mutex
	faults := rand.New(rand.NewPCG(seed, 1)) // of Earth Engine, drawn by many at once
	chance := func(p float64) bool { mu.Lock(); defer mu.Unlock(); return faults.Float64() < p }
	w.ee.InjectFunc(func(*http.Request) *eetest.Fault {
		switch {
		case chance(0.05):
			return &eetest.Fault{Status: 503}
		case chance(0.03):
			return &eetest.Fault{Reset: eetest.AfterStart}
		case chance(0.02):
			return &eetest.Fault{Truncate: true}
		}
		return nil
	})
	states := []eetest.State{eetest.Succeeded, eetest.Failed, eetest.Cancelled}
	left := random.Perm(operations)
	// The lease of a tick is its time: a short one, since Pub/Sub's clock will be
	// advanced by it after each kill.
	w.env["CLOUD_RUN_TIMEOUT_SECONDS"] = "10"
	watcher := handlertest.Start(t, "WatchOperations", w.env)
	for round := 0; w.ended() < operations; round++ {
		if round > 60 {
			t.Fatalf("%d of %d have ended after %d rounds", w.ended(), operations, round)
		}
		n := min(len(left), 400)
		for _, i := range left[:n] {
			if err := w.ee.Finish(names[i], states[i%len(states)]); err != nil {
				t.Fatal(err)
			}
		}
		left = left[n:]
		w.ps.ClearFaults()
		// While there is more to publish than is refused: the last would else wait
		// for a round without a fault.
		for range min(len(left), random.IntN(10)) {
			w.ps.Inject(handlertest.PublishFault{Topic: "completions", Status: status.New(codes.PermissionDenied, "")})
		}
		kill := round%3 == 1
		var ticks sync.WaitGroup
		for range 2 {
			ticks.Go(func() { _, _ = watcher.Send("POST", "/", nil) }) // it may be killed meanwhile
		}
		if kill {
			time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
			watcher.Kill()
		}
		ticks.Wait()
		if kill {
			watcher = handlertest.Start(t, "WatchOperations", w.env)
			// What a killed tick had taken stays hidden until its lease ends.
			w.ps.Advance(10 * time.Second)
		}
	}
	w.ee.InjectFunc(nil)
	w.ps.ClearFaults()
	w.ps.Advance(10 * time.Second)
	for range 10 {
		if resp, err := watcher.Send("POST", "/", nil); err != nil || resp.Code != http.StatusOK {
			t.Fatalf("%v %+v", err, resp)
		}
		if w.ps.Unacknowledged(t, "pending") == 0 {
			break
		}
	}
	if n := w.ps.Unacknowledged(t, "pending"); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	ids := map[string]string{}
	for _, m := range w.ps.Messages("completions") {
		operation, id := m.Attributes["operation"], m.Attributes["ce-id"]
		if ids[operation] != "" && ids[operation] != id {
			t.Errorf("%s is published as %s and as %s", operation, ids[operation], id)
		}
		ids[operation] = id
	}
	if len(ids) != operations {
		t.Errorf("%d ends are published, want %d", len(ids), operations)
	}
	t.Logf("%d messages for %d Operations", len(w.ps.Messages("completions")), operations)
}

// ended counts the Operations whose end has been published.
func (w *watched) ended() int {
	seen := map[string]bool{}
	for _, m := range w.ps.Messages("completions") {
		seen[m.Attributes["operation"]] = true
	}
	return len(seen)
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
