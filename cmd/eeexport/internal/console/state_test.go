package console

import (
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"

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
	for i := range maxRequests + 100 {
		id := fmt.Sprint(i)
		page.message(local.RequestsTopic, &pubsub.Message{ID: id, Data: make([]byte, 2*maxDataBytes)})
		for n := range 2 {
			page.Delivery(local.Delivery{MessageID: id, SpanID: fmt.Sprint(i, n), Attempt: n + 1, Status: 200})
		}
	}
	s := &page.state
	requests, messages := s.requests.all(), s.messages.all()
	if len(requests) != maxRequests || len(messages) != maxMessages || len(s.attempts) != 2*maxRequests {
		t.Errorf("%d requests, %d messages, %d attempts", len(requests), len(messages), len(s.attempts))
	}
	if requests[0].MessageID != "100" || messages[0].ID != "100" || len(messages[0].data) != maxDataBytes {
		t.Errorf("the oldest is %+v, %s", requests[0], messages[0].ID)
	}
	for i := range 3 * maxAttempts {
		page.Delivery(local.Delivery{MessageID: "599", SpanID: fmt.Sprint("again", i), Attempt: i + 3, Status: 503})
	}
	r := page.event("599")
	if len(r.Attempts) != maxAttempts || r.Count != 2+3*maxAttempts || len(s.attempts) != 2*(maxRequests-1)+maxAttempts {
		t.Errorf("%d attempts of %d are kept, and %d in all", len(r.Attempts), r.Count, len(s.attempts))
	}
}

func TestALogLineAndTheAnswerMeetInAnyOrder(t *testing.T) {
	line := []byte(`ExportClassifierEvent: {"severity":"WARNING","message":"invalid: expression: required","trigger":"event","outcome":"invalid","class":"permanent",` +
		`"code":400,"requestId":"r","attempts":0,"durationMs":{"total":1.5},"logging.googleapis.com/spanId":"e"}` + "\n")
	answer := local.Delivery{MessageID: "m", SpanID: "e", Attempt: 1, Status: 200}
	for _, logFirst := range []bool{true, false} {
		page := unserved(t)
		log := page.Log(nil)
		if logFirst {
			log.Write(line)
		}
		page.Delivery(answer)
		if !logFirst {
			log.Write(line)
		}
		r := page.event("m")
		if len(r.Attempts) != 1 || len(page.state.early) != 0 {
			t.Fatalf("log first %v: %+v", logFirst, r)
		}
		a := r.Attempts[0]
		a.Time = time.Time{}
		if got, want := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", attempt{Execution: "e", Number: 1, Answered: true, Code: 400, Next: "acknowledged",
			Outcome: "invalid", Class: "permanent", Message: "expression: required", RequestID: "r", Millis: 1.5}); got != want {
			t.Errorf("log first %v:\n%s, want\n%s", logFirst, got, want)
		}
	}
}

func TestOtherLogLinesArePassedOn(t *testing.T) {
	page := unserved(t)
	var lines int
	log := page.Log(writer(func() { lines++ }))
	for _, line := range []string{"ExportClassifier: serving\n", "ExportClassifier: {not JSON}\n", `{"message":"hello"}`, ""} {
		log.Write([]byte(line))
	}
	if lines != 4 || len(page.state.requests.all()) != 0 {
		t.Errorf("%d lines, %d requests", lines, len(page.state.requests.all()))
	}
}

type writer func()

func (w writer) Write(p []byte) (int, error) { w(); return len(p), nil }

func TestAPageThatDoesNotReadIsCutOff(t *testing.T) {
	page := unserved(t)
	slow := &stream{events: make(chan []byte, 2)}
	page.streams[slow] = struct{}{}
	for range 3 {
		page.tell("status", gauges{})
	}
	if len(page.streams) != 0 {
		t.Error("it is still told")
	}
	for range 2 {
		<-slow.events
	}
	if _, open := <-slow.events; open {
		t.Error("its stream is open")
	}
}
