package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/local"
)

// unserved is a console that nobody looks at.
func unserved(t *testing.T) *Console {
	t.Helper()
	page, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	return page
}

func TestOnlyTheNewestIsKept(t *testing.T) {
	page := unserved(t)
	page.message(local.FailuresTopic, &pubsub.Message{ID: "failure"})
	for i := range maxRequests + 100 {
		id := fmt.Sprint(i)
		page.message(local.RequestsTopic, &pubsub.Message{ID: id, Data: make([]byte, 2*maxDataBytes)})
		for n := range 2 {
			page.Delivery(local.Delivery{MessageID: id, ExecutionID: fmt.Sprint(i, n), Attempt: n + 1, Status: 200})
		}
	}
	s := &page.state
	requests, messages := s.requests.all(), s.messages[local.RequestsTopic].all()
	if len(requests) != maxRequests || len(messages) != maxMessages {
		t.Errorf("%d requests, %d messages", len(requests), len(messages))
	}
	if requests[0].MessageID != "100" || messages[0].ID != "100" || len(messages[0].data) != maxDataBytes {
		t.Errorf("the oldest is %+v, %s", requests[0], messages[0].ID)
	}
	if s.message("failure") == nil {
		t.Error("the messages of one topic have pushed away those of another")
	}
	for i := range 3 * maxAttempts {
		page.Delivery(local.Delivery{MessageID: "599", ExecutionID: fmt.Sprint("again", i), Attempt: i + 3, Status: 503})
	}
	r := page.event("599")
	if len(r.Attempts) != maxAttempts || r.Count != 2+3*maxAttempts {
		t.Errorf("%d attempts of %d are kept", len(r.Attempts), r.Count)
	}
}

func TestAnExecutionIsCompleteInAnyOrder(t *testing.T) {
	log := func(page *Console) {
		page.Write([]byte(`ExportClassifierEvent: {"severity":"WARNING","message":"invalid: expression: required","trigger":"event","outcome":"invalid","class":"permanent",` +
			`"code":400,"requestId":"r","attempts":0,"durationMs":{"receive":0.5,"total":1.5},"logging.googleapis.com/labels":{"execution_id":"e"}}` + "\n"))
	}
	delivery := func(page *Console) {
		page.Delivery(local.Delivery{MessageID: "m", ExecutionID: "e", Attempt: 1, Status: 200})
	}
	exchange := func(page *Console) {
		page.Exchange(local.Exchange{Target: local.EventTarget, ExecutionID: "e", Status: 200, Bytes: 7,
			Header: http.Header{"Ce-Type": {local.MessagePublished}, "Ce-Id": {"m"}},
			Answer: []byte(`{"error":{"status":"INVALID_ARGUMENT","message":"expression: required","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"expression","description":"required"}]}]}}`)})
	}
	want := fmt.Sprintf("%+v", attempt{Execution: "e", Number: 1, Code: 400, Next: "acknowledged", Bytes: 7,
		Outcome: "invalid", Class: "permanent", RequestID: "r", Durations: json.RawMessage(`{"receive":0.5,"total":1.5}`),
		verdict: verdict{"expression: required", []eeclient.FieldViolation{{Field: "expression", Description: "required"}}}})
	for name, order := range map[string][]func(*Console){
		"the log first":      {log, delivery, exchange},
		"the delivery first": {delivery, exchange, log},
		"the exchange first": {exchange, log, delivery},
		"the log last":       {exchange, delivery, log},
	} {
		t.Run(name, func(t *testing.T) {
			page := unserved(t)
			for _, note := range order {
				note(page)
			}
			r := page.event("m")
			if len(r.Attempts) != 1 || r.Attempts[0].exchange == nil {
				t.Fatalf("%+v", r)
			}
			a := r.Attempts[0]
			a.Time, a.exchange = time.Time{}, nil
			if got := fmt.Sprintf("%+v", a); got != want {
				t.Errorf("%s, want\n%s", got, want)
			}
		})
	}
}

func TestADeadLetterSaysWhyInAnyOrder(t *testing.T) {
	delivery := local.Delivery{MessageID: "m1", ExecutionID: "e", Status: 503, DeadLetterID: "m2", Body: []byte(`{"error":{"code":503,"message":"not now"}}`)}
	letter := &pubsub.Message{ID: "m2"}
	for _, letterFirst := range []bool{true, false} {
		page := unserved(t)
		if letterFirst {
			page.message(local.DeadLettersTopic, letter)
		}
		page.Delivery(delivery)
		if !letterFirst {
			page.message(local.DeadLettersTopic, letter)
		}
		if m := page.state.message("m2"); m.Message != "not now" || m.Origin != "m1" {
			t.Errorf("letter first %t: %+v", letterFirst, m)
		}
	}
}

func TestOtherLogLinesAreIgnored(t *testing.T) {
	page := unserved(t)
	for _, line := range []string{"ExportClassifier: serving\n", "ExportClassifier: {not JSON}\n", `{"message":"hello"}`, ""} {
		if n, err := page.Write([]byte(line)); n != len(line) || err != nil || len(page.state.early.all()) != 0 {
			t.Errorf("%q: %d, %v", line, n, err)
		}
	}
}

func TestAPageThatDoesNotReadIsCutOff(t *testing.T) {
	page := unserved(t)
	slow := &stream{events: make(chan []byte, 2)}
	page.streams[slow] = struct{}{}
	for range 3 {
		page.send("status", gauges{})
	}
	if len(page.streams) != 0 {
		t.Error("it is still sent to")
	}
	for range 2 {
		<-slow.events
	}
	if _, open := <-slow.events; open {
		t.Error("its stream is open")
	}
}
