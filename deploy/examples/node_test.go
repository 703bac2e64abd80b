package examples_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/eeexport/handler/local"
)

// TestNode builds a request with Earth Engine's own client, has it exported, and
// receives the end with Pub/Sub's own client.
func TestNode(t *testing.T) {
	_, err := os.Stat("node/node_modules")
	if !needs(t, found("node") && err == nil, "Node with the packages of node/package.json") {
		return
	}
	s, dir := start(t), t.TempDir()
	run(t, dir, []string{"EARTHENGINE_EMULATOR_HOST=" + s.EarthEngine.Host()}, "node", absolute(t, "node/request.mjs"))
	request, err := os.ReadFile(filepath.Join(dir, "request.json"))
	if err != nil {
		t.Fatal(err)
	}

	subscribe(t, s, "ready", `attributes.state = "SUCCEEDED"`)
	var out output
	subscriber := command(t, dir, []string{"PUBSUB_EMULATOR_HOST=" + s.PubSub.Addr(), "GOOGLE_CLOUD_PROJECT=my-project",
		"METADATA_SERVER_DETECTION=none", // the client looks for credentials even if it needs none
	}, "node", absolute(t, "node/subscriber.mjs"), "ready")
	subscriber.Stdout, subscriber.Stderr = &out, &out
	if err := subscriber.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = subscriber.Process.Signal(os.Interrupt)
		_ = subscriber.Wait() // it runs until it is interrupted
	}()

	s.PubSub.Publish(local.RequestsTopic, request, nil)
	today := time.Now().UTC()
	await(t, "end", func() bool { return strings.Contains(out.String(), "\n") })
	first := out.String()
	if want := "ready: projects/my-project/assets/landcover_" + today.Format("20060102") + "\n"; first != want {
		t.Errorf("printed %q, want %q", first, want)
	}
	sent := s.EarthEngine.Operations()[0].Body
	if want := `{"constantValue":"` + today.Format(time.DateOnly) + `"}`; !bytes.Contains(sent, []byte(want)) || bytes.Contains(sent, []byte("argumentReference")) {
		t.Errorf("the end of the year is not filled in: %s", sent)
	}

	// The same event again is dropped, a failure is filtered out, another event
	// is handled.
	end := s.PubSub.Messages(local.CompletionsTopic)[0]
	publish := func(change map[string]string) {
		attributes := maps.Clone(end.Attributes)
		maps.Copy(attributes, change)
		s.PubSub.Publish(local.CompletionsTopic, end.Data, attributes)
	}
	publish(nil)
	publish(map[string]string{"ce-id": "2", "state": "FAILED", "ce-type": "eeexport.operation.failed.v1"})
	publish(map[string]string{"ce-id": "3", "asset": "another"})
	await(t, "end of another", func() bool { return strings.Contains(out.String(), "another\n") })
	if got := out.String(); got != first+"ready: another\n" {
		t.Errorf("printed %q", got)
	}
}

// output is what a program has printed so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
