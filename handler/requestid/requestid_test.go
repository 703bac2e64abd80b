package requestid

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var arrival = time.Date(2026, 11, 23, 8, 0, 1, 0, time.UTC)

// header takes names and values in turn.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func all() Delivery {
	return Delivery{
		Body: "mine", Attribute: "attribute", Webhook: "msg_1", EventSource: "//s", EventID: "1", Arrival: arrival, Caller: "alice",
		Header: header("Idempotency-Key", "key",
			"X-CloudScheduler-JobName", "nightly", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z",
			"X-CloudTasks-QueueName", "queue", "X-CloudTasks-TaskName", "task",
			"x-goog-pubsub-message-id", "77", "x-goog-pubsub-subscription-name", "s"),
	}
}

// TestPrecedence removes one identity after the other.
func TestPrecedence(t *testing.T) {
	d := all()
	for _, step := range []struct {
		name   string
		begins string
		remove func()
	}{
		{"the body's requestId", "mine", func() { d.Body = "" }},
		{"the message's attribute", "attribute", func() { d.Attribute = "" }},
		{"webhook-id", "eeexport-webhook-", func() { d.Webhook = "" }},
		{"Idempotency-Key", "eeexport-key-", func() { d.Header.Del("Idempotency-Key") }},
		{"Cloud Scheduler", "eeexport-schedule-", func() { d.Header.Del("X-CloudScheduler-JobName") }},
		{"Cloud Tasks", "eeexport-task-", func() { d.Header.Del("X-CloudTasks-TaskName") }},
		{"an unwrapped push", "eeexport-push-", func() { d.Header.Del("x-goog-pubsub-message-id") }},
		{"the CloudEvent", "eeexport-event-", func() { d.EventID = "" }},
	} {
		id, err := d.ID("projects/p")
		if err != nil || !strings.HasPrefix(id, step.begins) || !IsValid(id) {
			t.Errorf("%s: %s, %v", step.name, id, err)
		}
		if again, _ := d.ID("projects/p"); again != id {
			t.Errorf("%s: then %s, now %s", step.name, id, again)
		}
		step.remove()
	}
	one, _ := d.ID("projects/p")
	another, err := d.ID("projects/p")
	if u, invalid := uuid.Parse(one); one == another || err != nil || invalid != nil || u.Version() != 4 {
		t.Errorf("without an identity: %s and %s, %v", one, another, err)
	}
	d.Header.Set("User-Agent", "CloudPubSub-Google")
	if _, err := d.ID("projects/p"); !errors.Is(err, ErrPushWithoutMetadata) {
		t.Errorf("a push without a message ID: %v", err)
	}
}

func TestIDsThatDifferDoNotMeet(t *testing.T) {
	seen := map[string]string{}
	for name, d := range map[string]Delivery{
		"a key":                       {Header: header("Idempotency-Key", "k")},
		"another key":                 {Header: header("Idempotency-Key", "k2")},
		"the key of another caller":   {Header: header("Idempotency-Key", "k"), Caller: "bob"},
		"a run":                       {Header: header("X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z")},
		"the run of another job":      {Header: header("X-CloudScheduler-JobName", "j2", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z")},
		"the run of another caller":   {Header: header("X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z"), Caller: "bob"},
		"the next run":                {Header: header("X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-23T07:00:00Z")},
		"a forced run":                {Header: header("X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-24T08:00:00Z")},
		"a key like a run":            {Header: header("Idempotency-Key", "j2026-11-23T08:00:00Z")},
		"a push":                      {Header: header("x-goog-pubsub-message-id", "77", "x-goog-pubsub-subscription-name", "s")},
		"a push split in another way": {Header: header("x-goog-pubsub-message-id", "7", "x-goog-pubsub-subscription-name", "7s")},
		"an event":                    {EventSource: "77", EventID: "s"},
		"a webhook":                   {Webhook: "k"},
	} {
		d.Arrival = arrival
		for _, project := range []string{"projects/p", "projects/q"} {
			id, err := d.ID(project)
			if other, ok := seen[id]; ok || err != nil {
				t.Errorf("%s in %s and %s share %s, %v", name, project, other, id, err)
			}
			seen[id] = name + " in " + project
		}
	}
}

func TestAForcedRunDoesNotSwallowTheScheduledOne(t *testing.T) {
	d := Delivery{Header: header("X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-24T08:00:00Z"), Arrival: arrival}
	forced, _ := d.ID("projects/p")
	d.Arrival = arrival.Add(24 * time.Hour)
	if scheduled, _ := d.ID("projects/p"); forced == scheduled {
		t.Error("they share a request ID")
	}
}

func TestWhatAnAttributeMayCarry(t *testing.T) {
	for id, want := range map[string]bool{
		"mine-1": true, "eeexport-push-0": true, "eeexport-event-0": true,
		"eeexport-key-0": false, "eeexport-schedule-0": false, "eeexport-webhook-0": false, "eeexport-": false,
		"a b": false, "": false, strings.Repeat("x", 61): false,
	} {
		if got := AllowedInAttribute(id); got != want {
			t.Errorf("%q: %t", id, got)
		}
	}
}

func TestCaller(t *testing.T) {
	token := func(sub string) string {
		return "Bearer e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"`+sub+`"}`)) + ".SIGNATURE_REMOVED_BY_GOOGLE"
	}
	for _, tc := range []struct {
		name string
		h    http.Header
		want string
	}{
		{"an ID token", header("Authorization", token("1")), "1"},
		{"the header that the platform prefers", header("Authorization", token("1"), "X-Serverless-Authorization", token("2")), "2"},
		{"an opaque token", header("Authorization", "Bearer ya29.x"), ""},
		{"no JSON", header("Authorization", "Bearer e30.e30x.x"), ""},
		{"another scheme", header("Authorization", "Basic e30.e30.x"), ""},
		{"nobody", nil, ""},
	} {
		if got := Caller(tc.h); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
