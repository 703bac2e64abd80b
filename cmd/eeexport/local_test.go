package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// output is what a run of the command prints.
type output struct {
	t       *testing.T
	scanner *bufio.Scanner
	printed []string
}

// await reads until there is a line like the pattern, which may have come
// already, and returns what its group matches.
func (o *output) await(pattern string) string {
	o.t.Helper()
	want := regexp.MustCompile(pattern)
	for i := 0; ; i++ {
		if i == len(o.printed) {
			if !o.scanner.Scan() {
				o.t.Fatalf("no line is like %s:\n%s", pattern, strings.Join(o.printed, "\n"))
			}
			o.printed = append(o.printed, o.scanner.Text())
		}
		if found := want.FindStringSubmatch(o.printed[i]); found != nil {
			return found[len(found)-1]
		}
	}
}

// start runs the command in this process until it ends or is interrupted, as by
// Ctrl-C. Its exit status comes from ended.
func start(t *testing.T, args ...string) (out *output, interrupt func(), ended <-chan int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		defer cancel()
		result := run(ctx, args, strings.NewReader(""), w, io.Discard)
		w.Close()
		status <- result
	}()
	t.Cleanup(func() { r.Close() })
	interrupt = func() {
		cancel()
		go io.Copy(io.Discard, r)
	}
	return &output{t: t, scanner: bufio.NewScanner(r)}, interrupt, status
}

// freePorts are flags of local.
var freePorts = []string{"--console=127.0.0.1:0", "--http-port=0", "--event-port=0", "--watch-port=0", "--pubsub-port=0", "--earthengine-port=0"}

// publish publishes to the requests topic, as the printed curl does, and returns
// the message's ID.
func publish(t *testing.T, host string, data []byte) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"messages": []any{map[string]any{"data": data}}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+host+"/v1/projects/my-project/topics/requests:publish", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var published struct{ MessageIDs []string }
	if err := json.NewDecoder(resp.Body).Decode(&published); err != nil || len(published.MessageIDs) != 1 {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return published.MessageIDs[0]
}

func TestLocal(t *testing.T) {
	local, interrupt, ended := start(t, append(freePorts, "local", "--tick=100ms", "--speed=1000")...)
	page := local.await(`^Console +(http://127\.0\.0\.1:\d+)$`)
	url := local.await(`^ExportClassifier +(http://127\.0\.0\.1:\d+)$`)
	host := local.await(`^Pub/Sub +(127\.0\.0\.1:\d+) `)
	local.await("ready")
	if resp, err := http.Get(page); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the console: %+v, %v", resp, err)
	}

	// A message that anybody publishes arrives at the event function.
	id := publish(t, host, requests.Get(requests.Cart))
	local.await("requests: message " + id + ", attempt 1: acknowledged with 200$")
	operation := local.await(`operations: message \w+, eeexport\.operation\.started\.v1: (projects/my-project/operations/\w+), request ID a374d19b-`)

	// The watcher publishes how it has ended.
	local.await(`completions: message \w+, eeexport\.operation\.succeeded\.v1: ` + operation + `, request ID a374d19b-`)

	// The same request by HTTP is the same Operation.
	r := command(t, string(requests.Get(requests.Cart)), "submit", "-", "--url", url)
	if strings.TrimSpace(r.out) != operation {
		t.Errorf("by HTTP %+v, by event %s", r, operation)
	}

	// One that can never succeed goes to the failures topic.
	publish(t, host, []byte("{}"))
	local.await(`failures: message \w+, eeexport\.request\.failed\.v1: INVALID_ARGUMENT: `)

	// From there it can be tried again.
	t.Setenv("PUBSUB_EMULATOR_HOST", host)
	r = command(t, "", "redrive", "--settle=0s", "--subscription", "failures", "--project", requests.Project)
	again := regexp.MustCompile(`published as message (\w+)`).FindStringSubmatch(r.out)
	if r.status != exitOK || again == nil {
		t.Fatalf("%+v", r)
	}
	local.await("requests: message " + again[1] + ", attempt 1: acknowledged with 200$")

	interrupt()
	if got := <-ended; got != exitInterrupted {
		t.Errorf("exit status %d", got)
	}
	for _, addr := range []string{strings.TrimPrefix(url, "http://"), strings.TrimPrefix(page, "http://"), host} {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			t.Errorf("%s still accepts connections", addr)
		}
	}
}

func TestLocalDeliversAgainUntilItGivesUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		retry local.Retry
		want  []string
	}{
		{"an event that is never acknowledged becomes a dead letter",
			local.Retry{Attempts: 2, Initial: time.Millisecond, Max: time.Millisecond},
			[]string{`attempt 1: 503 UNAVAILABLE: .*; again in 1ms$`, `attempt 2: 503 UNAVAILABLE: .*; moved to dead-letters$`, `dead-letters: message \w+, \d+ bytes$`}},
		{"Ctrl-C does not wait for the next attempt",
			local.Retry{Attempts: 2, Initial: time.Hour, Max: time.Hour},
			[]string{`attempt 1: 503 UNAVAILABLE: .*; again in 1h0m0s$`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
			defer interrupt()
			r, w := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				defer w.Close()
				// Operations cannot be published: there is no such topic.
				cfg := local.Config{Project: requests.Project, Retry: tc.retry, Env: []string{"OPERATIONS_TOPIC=nowhere"}}
				ended <- runLocal(ctx, cfg, "127.0.0.1:0", nil, w, os.Stderr)
			}()
			out := &output{t: t, scanner: bufio.NewScanner(r)}
			host := out.await(`^Pub/Sub +(127\.0\.0\.1:\d+) `)
			out.await("ready")
			publish(t, host, requests.Get(requests.Cart))
			for _, line := range tc.want {
				out.await(line)
			}
			interrupt()
			go io.Copy(io.Discard, r)
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestLocalSaysWhichPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	command(t, "", "local", "--console=127.0.0.1:0", "--pubsub-port", port).check(t, exitFailed,
		"eeexport local: the stand-in for Pub/Sub: port "+port+" is in use\nChoose another one with --pubsub-port.\n")
}

// TestLocalPrintsViolations sends requests that either door refuses, one of them
// as a message of a deployment.
func TestLocalPrintsViolations(t *testing.T) {
	t.Parallel()
	replay, err := json.Marshal(map[string]any{"message": map[string]any{"data": []byte(`{"assetId": "x", "priority": -1}`)}})
	if err != nil {
		t.Fatal(err)
	}
	out, interrupt, ended := start(t, append(freePorts, "local", "--replay", write(t, "message.json", string(replay)))...)
	url := out.await(`^ExportClassifier +(http://127\.0\.0\.1:\d+)$`)
	out.await("replayed as m0$")
	out.await("ready")
	out.await(`failures: message \w+, eeexport\.request\.failed\.v1: INVALID_ARGUMENT: assetId: .*; priority: .*, request ID `)
	for body, want := range map[string]string{
		`{"assetId": "x", "priority": -1}`:  `http: POST 400 assetId: .*; priority: `,
		string(requests.Get(requests.Cart)): `http: POST 200 projects/my-project/operations/\w+$`,
	} {
		resp, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		out.await(want)
	}
	interrupt()
	<-ended
}

func TestLocalReplaysWhatItCanRead(t *testing.T) {
	command(t, "{", append(freePorts, "local", "--replay", "-")...).check(t, exitUsage, "--replay: it is not JSON")
}
