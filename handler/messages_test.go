package handler_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/handler/handlertest"
)

// TestMessages checks the attributes of what is published, by either door.
// Package message compares whole messages with golden files.
func TestMessages(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	trace := []string{"traceparent", parent, "tracestate", "vendor=1"}
	want := map[string]string{
		"project": "projects/my-project", "asset": "projects/my-project/assets/rf", "requestId": "r1", "workloadTag": "team-a",
		"traceparent": parent, "ce-traceparent": parent, "tracestate": "vendor=1", "ce-tracestate": "vendor=1",
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
			if got := d.Counts().Since(before); got.Published != 1 {
				t.Errorf("led to %+v", got)
			}
			attributes := d.Last(t, "operations").Attributes
			for name, value := range want {
				if attributes[name] != value {
					t.Errorf("%s %q, want %q", name, attributes[name], value)
				}
			}
		})
	}
}

// TestFailuresAreNeverDropped delivers events that can never succeed.
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
}
