package handler_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/handler/handlertest"
)

// TestRequestIDs checks which of several identities goes upstream. Package
// requestid tests how each is derived.
func TestRequestIDs(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	scheduler := []string{"X-CloudScheduler-JobName", "nightly", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z"}
	post := func(with handlertest.Fields, headers ...string) string {
		t.Helper()
		answer := d.HTTP.Post(t, "/", with.Body(), headers...)
		if answer.Code != 200 {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		requests := d.EE.Requests()
		id := answer.Header.Get("X-Request-Id")
		if !bytes.Contains(requests[len(requests)-1].Body, []byte(`"requestId":"`+id+`"`)) {
			t.Errorf("X-Request-Id %s did not go upstream", id)
		}
		if got := d.Last(t, "operations").Attributes["requestId"]; got != id {
			t.Errorf("published with request ID %s, answered %s", got, id)
		}
		return id
	}
	if id := post(handlertest.Fields{"requestId": `"mine-1"`}, append(scheduler, "Idempotency-Key", "key")...); id != "mine-1" {
		t.Errorf("the body's request ID does not go first: %s", id)
	}
	if id := post(nil, scheduler...); !strings.HasPrefix(id, "eeexport-schedule-") {
		t.Errorf("the scheduler's request ID is %s", id)
	}
	if first, again := post(nil, scheduler...), post(nil, scheduler...); first != again {
		t.Error("the same run has two request IDs")
	}
	event := []string{"Ce-Specversion", "1.0", "Ce-Type", "custom.request", "Ce-Source", "//s", "Ce-Id", "5", "Ce-Time", "2026-01-02T08:00:00Z"}
	dated := handlertest.Fields{"description": `"{isodate}"`}
	if first, again := post(dated, event...), post(dated, event...); first != again || !strings.HasPrefix(first, "eeexport-event-") {
		t.Errorf("an event at the HTTP door has the request IDs %s and %s", first, again)
	}
	if got := d.EE.Requests(); !bytes.Contains(got[len(got)-1].Body, []byte("2026-01-02")) {
		t.Errorf("sent %s", got[len(got)-1].Body)
	}
	if one, another := post(nil, "webhook-id", "key"), post(nil, "webhook-id", "key"); one == another {
		t.Error("the ID of a webhook that is not verified is used")
	}
	t.Run("a schedule that sends one event has an ID for each run", func(t *testing.T) {
		event := fmt.Appendf(nil, `{"specversion":"1.0","id":"5","source":"//s","type":"custom.request","time":"2020-01-01T00:00:00Z","data":%s}`, handlertest.Fields{"description": `"{isodate}"`}.Body())
		var ids []string
		for _, day := range []string{"2026-01-01", "2026-01-02"} {
			answer, err := d.Event.Send("POST", "/", event, "Content-Type", "application/cloudevents+json", "X-CloudScheduler-JobName", "nightly", "X-CloudScheduler-ScheduleTime", day+"T08:00:00Z")
			if err != nil || !answer.Acknowledged() {
				t.Fatalf("%v, %+v", err, answer)
			}
			requests := d.EE.Requests()
			if !bytes.Contains(requests[len(requests)-1].Body, []byte(day)) {
				t.Errorf("sent %s", requests[len(requests)-1].Body)
			}
			ids = append(ids, answer.Header.Get("X-Request-Id"))
		}
		if ids[0] == ids[1] || !strings.HasPrefix(ids[0], "eeexport-schedule-") {
			t.Errorf("request IDs %q", ids)
		}
	})
	t.Run("a wrapped push is refused with the door that takes it", func(t *testing.T) {
		m := handlertest.Message{ID: "6", Data: handlertest.Fields{}.Body()}
		answer := d.HTTP.Post(t, "/", m.Envelope(), "User-Agent", "CloudPubSub-Google")
		if e := answer.Error(); answer.Code != 400 || e.Reason() != "INVALID_REQUEST" || !strings.Contains(e.Message, "ExportClassifierEvent") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("a push without metadata is refused", func(t *testing.T) {
		answer := d.HTTP.Post(t, "/", handlertest.Fields{}.Body(), "User-Agent", "CloudPubSub-Google")
		if answer.Code != 400 || answer.Error().Reason() != "PUSH_WITHOUT_METADATA" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		d.HTTP.AwaitLine(t, "PUSH_WITHOUT_METADATA", `"severity":"ERROR"`)
	})
	t.Run("a message keeps the ID of its first delivery", func(t *testing.T) {
		id := "eeexport-event-00000000000000000000000000000000"
		answer := d.Event.Deliver(t, handlertest.Message{ID: "77", Data: handlertest.Fields{}.Body(), Attributes: map[string]string{"requestId": id}})
		if got := d.Last(t, "operations").Attributes["requestId"]; !answer.Acknowledged() || got != id {
			t.Errorf("%d %s, published with %s", answer.Code, answer.Body, got)
		}
	})
}

// TestAnotherRequestsOperationIsNotPublished is the contract's "Whose Operation".
func TestAnotherRequestsOperationIsNotPublished(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	first := handlertest.Fields{"requestId": `"shared"`, "description": `"first"`}.Body()
	second := handlertest.Fields{"requestId": `"shared"`, "description": `"second"`}.Body()
	name := d.HTTP.Post(t, "/", first).Name()
	if answer := d.HTTP.Post(t, "/", first); answer.Code != 200 || answer.Header.Get("Idempotent-Replayed") != "true" || answer.Name() != name {
		t.Errorf("the first request, sent again: %d %s %s", answer.Code, answer.Header, answer.Body)
	}
	before := d.Counts()
	answer := d.HTTP.Post(t, "/", second)
	e := answer.Error()
	if answer.Code != 409 || e.Status != "ALREADY_EXISTS" || e.Reason() != "REQUEST_ID_REUSED" || !strings.Contains(string(answer.Body), `"operation":"`+name+`"`) || !strings.Contains(string(answer.Body), `"requestId":"shared"`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: second, PublishTime: now}); !answer.Acknowledged() {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if got := d.Last(t, "failures").Attributes; got["reason"] != "REQUEST_ID_REUSED" || got["operation"] != name {
		t.Errorf("failure %v", got)
	}
	if got := d.Counts().Since(before); got.Published != 0 {
		t.Errorf("led to %+v", got)
	}
}

func TestPlaceholdersTakeTheTimeOfTheSchedule(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	body := handlertest.Fields{"description": `"{date} {time} {other}"`, "assetExportOptions": handlertest.Asset("projects/my-project/assets/rf_{time}")["assetExportOptions"]}.Body()
	for _, tc := range []struct {
		name    string
		headers []string
		want    string
	}{
		{"Cloud Scheduler", []string{"X-CloudScheduler-JobName", "j", "X-CloudScheduler-ScheduleTime", "2026-11-23T10:30:00+02:00"}, "20261123T083000Z"},
		{"Pub/Sub push with unwrapping", []string{"x-goog-pubsub-message-id", "1", "x-goog-pubsub-subscription-name", "s", "x-goog-pubsub-publish-time", "2025-01-02T03:04:05.678Z"}, "20250102T030405Z"},
		{"arrival", nil, time.Now().UTC().Format("20060102T")},
		{"a time that cannot be read", []string{"X-CloudScheduler-ScheduleTime", "noon"}, time.Now().UTC().Format("20060102T")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if answer := d.HTTP.Post(t, "/", body, tc.headers...); answer.Code != 200 {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			requests := d.EE.Requests()
			sent := string(requests[len(requests)-1].Body)
			if !strings.Contains(sent, `assets/rf_`+tc.want) || !strings.Contains(sent, tc.want[:8]+" "+tc.want) || !strings.Contains(sent, "{other}") {
				t.Errorf("sent %s, want %s", sent, tc.want)
			}
		})
	}
}

// TestAnAttributeIsCheckedOnlyIfItApplies gives messages a requestId that they may
// not carry.
func TestAnAttributeIsCheckedOnlyIfItApplies(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	attributes := map[string]string{"requestId": "eeexport-key-0"}
	own := handlertest.Fields{"requestId": `"mine"`}.Body()
	if d.Event.Deliver(t, handlertest.Message{ID: "1", Data: own, Attributes: attributes}); d.Last(t, "operations").Attributes["requestId"] != "mine" {
		t.Error("the body's own request ID does not go first")
	}
	d.Event.Deliver(t, handlertest.Message{ID: "2", Data: handlertest.Fields{}.Body(), Attributes: attributes})
	failure := d.Last(t, "failures").Attributes
	if !strings.Contains(failure["violations"], "message.attributes.requestId") || !strings.HasPrefix(failure["requestId"], "eeexport-event-") {
		t.Errorf("failure %v", failure)
	}
}
