package local_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/handler/local"
)

func TestDelivery(t *testing.T) {
	deliveries := make(chan local.Delivery, 16)
	s := start(t, local.Config{
		Retry:      local.Retry{Attempts: 3, Initial: time.Millisecond, Max: 1500 * time.Microsecond},
		OnDelivery: func(d local.Delivery) { deliveries <- d },
	})
	deadLetters, err := s.Subscribe(t.Context(), local.DeadLettersTopic)
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
			id := s.PubSub.Publish(local.RequestsTopic, []byte(tc.data), nil)
			var dead string
			for i, status := range tc.statuses {
				d := await(t, deliveries)
				dead = d.DeadLetterID
				last := i == len(tc.statuses)-1
				if d.MessageID != id || d.Attempt != i+1 || d.Status != status || d.Err != nil || d.Pause != tc.pauses[i] || (d.DeadLetterID != "") != (tc.dead && last) || status != 204 && string(d.Body) != fmt.Sprint(i+1) {
					t.Errorf("delivery %d: %+v", i+1, d)
				}
			}
			if !tc.dead {
				return
			}
			m := await(t, deadLetters)
			a := m.Attributes
			if m.ID != dead {
				t.Errorf("dead letter %s, want %s", m.ID, dead)
			}
			if string(m.Data) != tc.data || a["CloudPubSubDeadLetterSourceDeliveryCount"] != "3" ||
				a["CloudPubSubDeadLetterSourceSubscription"] != "eventarc-export-classifier" ||
				a["CloudPubSubDeadLetterSourceSubscriptionProject"] != "my-project" {
				t.Errorf("dead letter %q %v", m.Data, a)
			}
		})
	}
	t.Run("a message can be delivered again when it has been acknowledged", func(t *testing.T) {
		id := s.PubSub.Publish(local.RequestsTopic, []byte("200,409"), nil)
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
		s.PubSub.Publish(local.RequestsTopic, bytes.Repeat([]byte("x"), 9_900_000), nil)
		if d := await(t, deliveries); d.Status != 200 {
			t.Errorf("%+v", d)
		}
	})
}

func TestEveryoneWhoSubscribesGetsTheMessages(t *testing.T) {
	s := start(t, local.Config{})
	var subscribed []<-chan *pubsub.Message
	for range 2 {
		messages, err := s.Subscribe(t.Context(), local.OperationsTopic)
		if err != nil {
			t.Fatal(err)
		}
		subscribed = append(subscribed, messages)
	}
	s.PubSub.Publish(local.OperationsTopic, []byte("one"), nil)
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
	s := start(t, local.Config{Project: "p", Env: []string{"EXPRESSION_CHECK=off"}})
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
		"PUBSUB_EMULATOR_HOST=" + s.PubSub.Addr(), "EARTHENGINE_EMULATOR_HOST=" + s.EarthEngine.Host(), "EXPRESSION_CHECK=off",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "EARTHENGINE_ENDPOINT=") }) {
		t.Error("EARTHENGINE_ENDPOINT has come from outside")
	}
}

func TestStartFailsIf(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for _, tc := range []struct {
		name string
		cfg  local.Config
		want string
	}{
		{"the port of Pub/Sub is in use", local.Config{PubSubPort: port}, "the stand-in for Pub/Sub: port"},
		{"the port of Earth Engine is in use", local.Config{EarthEnginePort: port}, "the stand-in for Earth Engine: port"},
		{"the port of a function is in use", local.Config{EventPort: port}, "ExportClassifierEvent: port"},
		{"a function ends by itself", local.Config{Command: []string{os.Args[0], "broken"}}, "ExportClassifier has ended: exit status 7"},
		{"there is no such command", local.Config{Command: []string{"/nonexistent"}}, "start ExportClassifier:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := local.Start(t.Context(), tc.cfg)
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
	s := start(t, local.Config{Retry: local.Retry{Attempts: 1}})
	s.PubSub.Publish(local.RequestsTopic, []byte("crash"), nil)
	if err := await(t, s.Failed()); !strings.Contains(err.Error(), "ExportClassifierEvent has ended: exit status 3") {
		t.Error(err)
	}
	if log := string(s.Log()); !strings.Contains(log, "ExportClassifierEvent: serving ExportClassifierEvent\n") {
		t.Errorf("log %q", log)
	}
}
