package stack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
)

// start starts a stack with stand-ins for the functions, for as long as the test
// runs.
func start(t *testing.T, cfg Config) *Stack {
	t.Helper()
	cfg.Command = []string{os.Args[0], "function"}
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// await receives one value within a time that is never needed.
func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestDelivery(t *testing.T) {
	deliveries := make(chan Delivery, 16)
	s := start(t, Config{
		Retry:      Retry{Attempts: 3, Initial: time.Millisecond, Max: 1500 * time.Microsecond},
		OnDelivery: func(d Delivery) { deliveries <- d },
	})
	deadLetters, err := s.Subscribe(t.Context(), DeadLettersTopic)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, data string
		statuses   []int
		pauses     []time.Duration
		dead       bool
	}{
		{name: "an event that is acknowledged is not delivered again", data: "204",
			statuses: []int{204}, pauses: []time.Duration{0}},
		{name: "an event is delivered until it is acknowledged, after growing pauses", data: "503,429,200",
			statuses: []int{503, 429, 200}, pauses: []time.Duration{time.Millisecond, 1500 * time.Microsecond, 0}},
		{name: "an event that is never acknowledged becomes a dead letter", data: "500",
			statuses: []int{500, 500, 500}, pauses: []time.Duration{time.Millisecond, 1500 * time.Microsecond, 0}, dead: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, err := s.Publish(t.Context(), RequestsTopic, []byte(tc.data))
			if err != nil {
				t.Fatal(err)
			}
			for i, status := range tc.statuses {
				d := await(t, deliveries)
				last := i == len(tc.statuses)-1
				if d.MessageID != id || d.Attempt != i+1 || d.Status != status || d.Err != nil || d.Pause != tc.pauses[i] || d.DeadLettered != (tc.dead && last) {
					t.Errorf("delivery %d: %+v", i+1, d)
				}
			}
			if !tc.dead {
				return
			}
			m := await(t, deadLetters)
			a := m.Attributes
			if string(m.Data) != tc.data || a["CloudPubSubDeadLetterSourceDeliveryCount"] != "3" ||
				a["CloudPubSubDeadLetterSourceSubscription"] != requestsSubscription ||
				a["CloudPubSubDeadLetterSourceSubscriptionProject"] != "my-project" {
				t.Errorf("dead letter %q %v", m.Data, a)
			}
		})
	}
	t.Run("a message can be delivered again when it has been acknowledged", func(t *testing.T) {
		id, err := s.Publish(t.Context(), RequestsTopic, []byte("200,409"))
		if err != nil {
			t.Fatal(err)
		}
		await(t, deliveries)
		d, err := s.Redeliver(t.Context(), id)
		if err != nil || d.Status != 409 {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := s.Redeliver(t.Context(), "m404"); err == nil {
			t.Error("a message that does not exist was delivered")
		}
	})
	t.Run("a message of nearly 10 MB is delivered", func(t *testing.T) {
		if _, err := s.Publish(t.Context(), RequestsTopic, bytes.Repeat([]byte("x"), 9_900_000)); err != nil {
			t.Fatal(err)
		}
		if d := await(t, deliveries); d.Status != 200 {
			t.Errorf("%+v", d)
		}
	})
}

func TestEveryoneWhoSubscribesGetsTheMessages(t *testing.T) {
	s := start(t, Config{})
	var subscribed []<-chan *pubsub.Message
	for range 2 {
		messages, err := s.Subscribe(t.Context(), OperationsTopic)
		if err != nil {
			t.Fatal(err)
		}
		subscribed = append(subscribed, messages)
	}
	if _, err := s.Publish(t.Context(), OperationsTopic, []byte("one")); err != nil {
		t.Fatal(err)
	}
	for _, messages := range subscribed {
		if m := await(t, messages); string(m.Data) != "one" {
			t.Errorf("message %q", m.Data)
		}
	}
	s.Close()
	if _, open := <-subscribed[0]; open {
		t.Error("the channel is open after the stack has been closed")
	}
}

func TestFunctionsGetACleanEnvironment(t *testing.T) {
	t.Setenv("OPERATIONS_TOPIC", "somewhere-else")
	t.Setenv("EARTHENGINE_ENDPOINT", "https://earthengine.googleapis.com")
	s := start(t, Config{Project: "p", Env: []string{"EXPRESSION_CHECK=off"}})
	resp, err := http.Get(s.EventURL + "/environment")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var env []string
	if err := json.NewDecoder(resp.Body).Decode(&env); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"FUNCTION_TARGET=ExportClassifierEvent", "GOOGLE_CLOUD_PROJECT=p", "OPERATIONS_TOPIC=operations", "FAILURES_TOPIC=failures",
		"PUBSUB_EMULATOR_HOST=" + s.PubSubHost, "EARTHENGINE_EMULATOR_HOST=" + s.EarthEngine.Host(), "EXPRESSION_CHECK=off",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "EARTHENGINE_ENDPOINT=") }) {
		t.Error("EARTHENGINE_ENDPOINT has come from outside")
	}
}

func TestStartFails(t *testing.T) {
	taken, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for _, tc := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"where the port of Pub/Sub is in use", Config{PubSubPort: port}, "the stand-in for Pub/Sub: port"},
		{"where the port of Earth Engine is in use", Config{EarthEnginePort: port}, "the stand-in for Earth Engine: port"},
		{"where the port of a function is in use", Config{EventPort: port}, "the functions: port"},
		{"where a function ends by itself", Config{Command: []string{os.Args[0], "broken"}}, "ExportClassifier has ended: exit status 7"},
		{"where there is no such command", Config{Command: []string{"/nonexistent"}}, "start ExportClassifier:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := Start(t.Context(), tc.cfg)
			if err == nil {
				s.Close()
				t.Fatal("it has started")
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFunctionThatEndsIsReported(t *testing.T) {
	s := start(t, Config{Retry: Retry{Attempts: 1}})
	if _, err := s.Publish(t.Context(), RequestsTopic, []byte("crash")); err != nil {
		t.Fatal(err)
	}
	if err := await(t, s.Failed()); !strings.Contains(err.Error(), "ExportClassifierEvent has ended: exit status 3") {
		t.Error(err)
	}
	if log := string(s.Log()); !strings.Contains(log, "ExportClassifierEvent: serving ExportClassifierEvent\n") {
		t.Errorf("log %q", log)
	}
}

func TestFunctionsEndWithTheirOwnerHoweverItEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	owner := exec.CommandContext(ctx, os.Args[0], "owner")
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is open ends when the process at its other end does.
	var conns []net.Conn
	for url := range strings.FieldsSeq(line) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	if len(conns) != 2 {
		t.Fatalf("the owner said %q", line)
	}
	owner.Process.Kill()
	owner.Wait()
	for _, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("the function at %v has outlived its owner: %v", conn.RemoteAddr(), err)
		}
	}
}
