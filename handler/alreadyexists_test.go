package handler_test

import (
	"strconv"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestAlreadyExists is about an Earth Engine that refuses a repeated request ID
// instead of answering with its Operation.
func TestAlreadyExists(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "5"}, eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
	at := time.Now().UTC().Format(time.RFC3339)
	for _, door := range handlertest.Doors {
		t.Run("the answer was lost: the Operation is found/"+door.Name, func(t *testing.T) {
			d.EE.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})
			before := d.Counts()
			answer := door.Send(d, t, t.Name(), handlertest.Fields{"description": strconv.Quote(t.Name())}.Body())
			if got := d.Counts().Since(before); answer.Code != 200 || got != (handlertest.Counts{Calls: 2, Started: 1, Published: 1}) {
				t.Errorf("%d %s, led to %+v", answer.Code, answer.Body, got)
			}
			started := d.EE.Operations()
			if got := d.Last(t, "operations").Attributes["operation"]; got != started[len(started)-1].Name {
				t.Errorf("published %s", got)
			}
		})
	}
	t.Run("a redelivery finds it among others", func(t *testing.T) {
		m := handlertest.Message{ID: "e1", Data: handlertest.Fields{"description": `"the one"`}.Body(), PublishTime: at}
		d.Event.Deliver(t, handlertest.Message{ID: "e0", Data: handlertest.Fields{"description": `"another"`}.Body(), PublishTime: at})
		d.Event.Deliver(t, m)
		first := d.Last(t, "operations").Attributes["operation"]
		if answer := d.Event.Deliver(t, m); !answer.Acknowledged() || d.Last(t, "operations").Attributes["operation"] != first {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("if several match, none is named and none is started", func(t *testing.T) {
		body := handlertest.Fields{"description": `"twins"`}.Body()
		d.Event.Deliver(t, handlertest.Message{ID: "t1", Data: body, PublishTime: at})
		d.Event.Deliver(t, handlertest.Message{ID: "t2", Data: body, PublishTime: at})
		before := d.Counts()
		answer := d.Event.Deliver(t, handlertest.Message{ID: "t1", Data: body, PublishTime: at})
		if got := d.Counts().Since(before); answer.Code != 503 || answer.Error().Reason() != "OUTCOME_UNKNOWN" || got != (handlertest.Counts{Calls: 1}) {
			t.Errorf("%d %s, led to %+v", answer.Code, answer.Body, got)
		}
	})
	used := eetest.Fault{Method: eetest.ExportClassifier, Status: 409, Code: "ALREADY_EXISTS", Message: "The request ID has been used."}
	t.Run("if none is found, lists may lag: the sender tries again for ten minutes", func(t *testing.T) {
		d.EE.Inject(used, used)
		before := d.Counts()
		unseen := handlertest.Fields{"description": `"never seen"`}.Body()
		if answer := d.HTTP.Post(t, "/", unseen); answer.Code != 503 || answer.Error().Reason() != "OUTCOME_UNKNOWN" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		old := time.Now().UTC().Add(-11 * time.Minute).Format(time.RFC3339)
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "u", Data: unseen, PublishTime: old}); !answer.Acknowledged() || d.Last(t, "failures").Attributes["reason"] != "DUPLICATE_REQUEST" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if got := d.Counts().Since(before); got.Started != 0 || got.Published != 0 {
			t.Errorf("led to %+v", got)
		}
	})
	t.Run("if the list is refused, the export does not count as refused", func(t *testing.T) {
		d.EE.Inject(eetest.Fault{Method: eetest.ListOperations, Status: 403})
		m := handlertest.Message{ID: "e1", Data: handlertest.Fields{"description": `"the one"`}.Body(), PublishTime: at}
		if answer := d.Event.Deliver(t, m); answer.Code != 503 || answer.Error().Reason() != "OUTCOME_UNKNOWN" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("without a description or a destination to compare, none is named", func(t *testing.T) {
		body := handlertest.Fields{"requestId": `"untold"`}.Body()
		d.HTTP.Post(t, "/", body)
		if answer := d.HTTP.Post(t, "/", body); answer.Code != 503 || answer.Error().Reason() != "OUTCOME_UNKNOWN" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("if the list fails, the sender tries again", func(t *testing.T) {
		d.EE.Inject(eetest.Fault{Method: eetest.ListOperations, Status: 503, Times: 5})
		m := handlertest.Message{ID: "e1", Data: handlertest.Fields{"description": `"the one"`}.Body(), PublishTime: at}
		if answer := d.Event.Deliver(t, m); answer.Code != 503 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if answer := d.Event.Deliver(t, m); !answer.Acknowledged() {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}
