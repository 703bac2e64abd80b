package handler_test

import (
	"maps"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestWaiting delivers events that only have to wait for Earth Engine.
func TestWaiting(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"REQUESTS_TOPIC": "requests", "REQUEST_MAX_AGE": "48h"})
	published := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	message := func(id string, attempt int, attributes map[string]string) handlertest.Message {
		return handlertest.Message{
			ID: id, Data: handlertest.Fields{"description": `"of {isotime}"`}.Body(), Attributes: attributes,
			PublishTime: published.Format(time.RFC3339), DeliveryAttempt: attempt,
		}
	}
	quota := eetest.Fault{Status: 429, Message: "The project has exceeded the custom quota", Times: -1}
	d.EE.Inject(quota)

	if answer := d.Event.Deliver(t, message("1", 49, nil)); answer.Code != 429 || len(d.PubSub.Messages("requests")) != 0 {
		t.Errorf("delivery 49: %d %s", answer.Code, answer.Body)
	}
	if answer := d.Event.Deliver(t, message("1", 50, map[string]string{"team": "a"})); !answer.Acknowledged() {
		t.Fatalf("delivery 50: %d %s", answer.Code, answer.Body)
	}
	again := d.Last(t, "requests")
	want := map[string]string{"team": "a", "requestId": again.Attributes["requestId"], "firstPublishTime": published.Format(time.RFC3339)}
	if string(again.Data) != string(message("1", 0, nil).Data) || !maps.Equal(again.Attributes, want) {
		t.Errorf("published again: %s %v", again.Data, again.Attributes)
	}

	t.Run("it stays the same request", func(t *testing.T) {
		d.EE.ClearFaults()
		later := handlertest.Message{ID: "2", Data: again.Data, Attributes: again.Attributes, PublishTime: time.Now().UTC().Format(time.RFC3339), DeliveryAttempt: 1}
		if answer := d.Event.Deliver(t, later); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if answer := d.Event.Deliver(t, message("1", 1, nil)); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if got := d.Counts(); got.Started != 1 {
			t.Errorf("led to %+v", got)
		}
		if got := d.Last(t, "operations").Attributes["requestId"]; got != again.Attributes["requestId"] {
			t.Errorf("request ID %s, and before %s", got, again.Attributes["requestId"])
		}
	})
	t.Run("it expires", func(t *testing.T) {
		d.EE.Inject(quota)
		old := map[string]string{"requestId": "r", "firstPublishTime": published.Add(-48 * time.Hour).Format(time.RFC3339)}
		if answer := d.Event.Deliver(t, message("3", 7, old)); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if got := d.Last(t, "failures").Attributes; got["reason"] != "EXPIRED" || got["requestId"] != "r" || got["deliveryAttempt"] != "7" || got["mayHaveStarted"] != "true" {
			t.Errorf("failure %v", got)
		}
	})
	t.Run("validateOnly publishes nothing", func(t *testing.T) {
		before := d.Counts()
		m := message("4", 50, nil)
		for body, code := range map[string]int{string(m.Envelope()): 200, `{"message":{"data":"e30="}}`: 400} {
			answer, err := d.Event.Send("POST", "/?validateOnly=true", []byte(body), m.Headers()...)
			if err != nil || answer.Code != code {
				t.Errorf("%v, %d %s", err, answer.Code, answer.Body)
			}
		}
		if got := d.Counts().Since(before); got != (handlertest.Counts{}) {
			t.Errorf("led to %+v", got)
		}
	})
}
