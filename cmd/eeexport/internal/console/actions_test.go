package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

func testExchange(t *testing.T, page *Console, s *local.Stack) {
	v := look(t, page)
	body := another(requests.Cart)
	if code, answer := send(t, http.MethodPost, s.HTTPURL+"/hook?x=1", string(body), "Idempotency-Key", "k"); code != 200 {
		t.Fatalf("%d %s", code, answer)
	}
	r := await(v, "request", answered(body, "exported"))
	code, text := get(t, page, "/exchanges/"+r.Attempts[0].Execution)
	var e struct {
		URL          string
		Header       http.Header
		Body, Answer content
		Status       int
	}
	if err := json.Unmarshal([]byte(text), &e); code != 200 || err != nil {
		t.Fatalf("%d %s", code, text)
	}
	if e.URL != s.HTTPURL+"/hook?x=1" || e.Header.Get("Idempotency-Key") != "k" || e.Body.Text != string(body) || !e.Body.Whole || e.Status != 200 || !strings.Contains(e.Answer.Shown, `"name": "projects/`) {
		t.Errorf("%+v", e)
	}
}

func testFinish(t *testing.T, page *Console, s *local.Stack) {
	for how, state := range map[string]eetest.State{"fail": eetest.Failed, "cancel": eetest.Cancelled} {
		v := look(t, page)
		body := another(requests.Cart)
		act(t, page, "/send/http", string(body))
		name := await(v, "request", answered(body, "exported")).Attempts[0].Operation
		act(t, page, "/operations/"+how+"?name="+name, "")
		if op, _ := s.EarthEngine.Operation(name); op.State != state {
			t.Errorf("%s: %+v", how, op)
		}
		if code, answer := post(t, page, "/operations/"+how+"?name="+name, ""); code != 409 {
			t.Errorf("again: %d %s", code, answer)
		}
	}
}

func testRedrive(t *testing.T, page *Console, s *local.Stack) {
	v := look(t, page)
	// An event is delivered three times at most.
	act(t, page, "/faults/publish?times=3", "")
	s.PubSub.Publish(local.RequestsTopic, another(requests.Cart), nil)
	letter := await(v, "message", func(m message) bool { return m.Topic == local.DeadLettersTopic && m.Message != "" })
	if !strings.Contains(letter.Message, "published") {
		t.Errorf("%+v", letter)
	}
	// It may be exported before the dead letter is shown as redriven.
	published, exported := look(t, page), look(t, page)
	act(t, page, "/redrive/"+letter.ID, "")
	redriven := await(v, "message", func(m message) bool { return m.ID == letter.ID && m.RedrivenAs != "" })
	await(published, "message", func(m message) bool { return m.ID == redriven.RedrivenAs })
	await(exported, "request", func(r request) bool { return r.MessageID == redriven.RedrivenAs && ended("exported")(r) })
	if left, err := s.PubSub.Unacknowledged(local.DeadLettersTopic); left != 0 || err != nil {
		t.Errorf("%d dead letters are left, %v", left, err)
	}
	if code, _ := post(t, page, "/redrive/"+redriven.RedrivenAs, ""); code != 409 {
		t.Errorf("a request that is not a failure: %d", code)
	}
}

func testTicks(t *testing.T, page *Console) {
	var summary struct{ Pending *int }
	last := await(look(t, page), "tick", func(k tick) bool { return k.Code == 200 })
	if err := json.Unmarshal(last.Summary, &summary); err != nil || summary.Pending == nil {
		t.Errorf("%s: %v", last.Summary, err)
	}
}
