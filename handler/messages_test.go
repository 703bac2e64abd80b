package handler_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func TestMessages(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	trace := []string{"traceparent", parent, "tracestate", "vendor=1"}
	check := func(t *testing.T, got map[string]string, want map[string]string) {
		t.Helper()
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s %q, want %q", name, got[name], value)
			}
		}
		if _, err := time.Parse(time.RFC3339, got["ce-time"]); err != nil {
			t.Errorf("ce-time: %v", err)
		}
		for name := range got {
			if _, ok := want[name]; !ok && name != "ce-time" && name != "message" && name != "violations" {
				t.Errorf("unexpected attribute %s %q", name, got[name])
			}
		}
	}
	started := func(name string) map[string]string {
		return map[string]string{
			"ce-specversion": "1.0", "ce-type": "eeexport.operation.started.v1", "ce-id": name + "/started",
			"ce-source": "//earthengine.googleapis.com/projects/my-project", "ce-subject": name,
			"Content-Type": "application/json", "operation": name, "project": "projects/my-project",
			"asset": "projects/my-project/assets/rf", "requestId": "r1", "workloadTag": "team-a",
			"traceparent": parent, "ce-traceparent": parent, "tracestate": "vendor=1", "ce-tracestate": "vendor=1",
		}
	}
	body := handlertest.Fields{"requestId": `"r1"`, "workloadTag": `"team-a"`}.Body()
	deliver := func(t *testing.T, attributes map[string]string, headers ...string) {
		m := handlertest.Message{ID: t.Name(), Data: body, Attributes: attributes}
		if _, err := d.Event.Send("POST", "/", m.Envelope(), append(m.Headers(), headers...)...); err != nil {
			t.Fatal(err)
		}
	}
	for name, send := range map[string]func(*testing.T){
		"HTTP":                        func(t *testing.T) { d.HTTP.Post(t, "/", body, trace...) },
		"an event's extension":        func(t *testing.T) { deliver(t, nil, "Ce-Traceparent", parent, "Ce-Tracestate", "vendor=1") },
		"the headers of the delivery": func(t *testing.T) { deliver(t, nil, trace...) },
		"a message's attributes": func(t *testing.T) {
			deliver(t, map[string]string{"googclient_traceparent": parent, "tracestate": "vendor=1"})
		},
		"the attributes of an unwrapped push": func(t *testing.T) {
			d.HTTP.Post(t, "/", body, "x-goog-pubsub-message-id", "5", "x-goog-pubsub-subscription-name", "s", "googclient_traceparent", parent, "googclient_tracestate", "vendor=1",
				"traceparent", "00-11111111111111111111111111111111-b7ad6b7169203331-01")
		},
	} {
		t.Run("a started Operation, with the trace of "+name, func(t *testing.T) {
			before := d.Counts()
			send(t)
			last := d.Last(t, "operations")
			if got := d.Counts().Since(before); got.Published != 1 {
				t.Errorf("led to %+v", got)
			}
			check(t, last.Attributes, started(last.Attributes["operation"]))
		})
	}
	t.Run("a failed request", func(t *testing.T) {
		bad := []byte(`{"requestId":"r2","priority":-1} `)
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "3", Data: bad, Attributes: map[string]string{"traceparent": "garbage"}}); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		last := d.Last(t, "failures")
		if !bytes.Equal(last.Data, bad) {
			t.Errorf("data %s", last.Data)
		}
		check(t, last.Attributes, map[string]string{
			"ce-specversion": "1.0", "ce-type": "eeexport.request.failed.v1", "ce-id": "r2/failed",
			"ce-source": "//earthengine.googleapis.com/projects/my-project", "ce-subject": "r2",
			"Content-Type": "application/json", "code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST", "requestId": "r2",
		})
		if !strings.HasPrefix(last.Attributes["violations"], `[{"field":"priority","description":`) {
			t.Errorf("violations %s", last.Attributes["violations"])
		}
		if !strings.Contains(last.Attributes["message"], "priority") {
			t.Errorf("message %q", last.Attributes["message"])
		}
	})
}

// TestFailuresAreNeverDropped is about events that can never succeed.
func TestFailuresAreNeverDropped(t *testing.T) {
	bad := handlertest.Fields{"priority": "-1"}.Body()
	t.Run("without a failures topic they are not acknowledged", func(t *testing.T) {
		d := handlertest.Deploy(t, map[string]string{"FAILURES_TOPIC": ""})
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); answer.Code != 400 || answer.Error().Status != "INVALID_ARGUMENT" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("nor if publishing them fails", func(t *testing.T) {
		d := handlertest.Deploy(t, nil)
		d.PubSub.Inject(handlertest.Fault{On: "failures", Status: status.New(codes.PermissionDenied, "")})
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); answer.Code != 400 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); !answer.Acknowledged() || d.Counts().Failures != 1 {
			t.Errorf("redelivered: %d %s, %+v", answer.Code, answer.Body, d.Counts())
		}
	})
	t.Run("a long message is cut to what an attribute holds", func(t *testing.T) {
		d := handlertest.Deploy(t, nil)
		d.EE.Inject(eetest.Fault{Status: 400, Message: strings.Repeat("é", 1500)})
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: handlertest.Fields{}.Body()}); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if m := d.Last(t, "failures").Attributes["message"]; len(m) > 1024 || len(m) < 1000 || !utf8.ValidString(m) {
			t.Errorf("%d bytes", len(m))
		}
	})
}
