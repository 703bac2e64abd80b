package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

func TestConsole(t *testing.T) {
	page, s := start(t)
	t.Run("what is sent by either trigger is shown with its outcome", func(t *testing.T) { testSend(t, page) })
	t.Run("what comes by other ways is shown too", func(t *testing.T) { testOtherWays(t, page, s) })
	t.Run("a redelivered event is the same request", func(t *testing.T) { testRedeliver(t, page, s) })
	t.Run("faults hit as often as they are asked for", func(t *testing.T) { testFaults(t, page, s) })
	t.Run("what was sent can be looked at, and sent again", func(t *testing.T) { testExchange(t, page, s) })
	t.Run("an Operation is ended by hand", func(t *testing.T) { testFinish(t, page, s) })
	t.Run("a dead letter says why, and is redriven", func(t *testing.T) { testRedrive(t, page, s) })
	t.Run("the watcher's ticks are shown", func(t *testing.T) { testTicks(t, page) })
	t.Run("the data of a message can be looked at", func(t *testing.T) { testMessageData(t, page, s) })
	t.Run("what makes no sense is refused", func(t *testing.T) { testNonsense(t, page) })
}

func testOtherWays(t *testing.T, page *Console, s *local.Stack) {
	for _, tc := range []struct {
		trigger, url string
		headers      []string
	}{
		{"http", s.HTTPURL, nil},
		{"event", s.EventURL, []string{"Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "test", "Ce-Type", "export.wanted"}},
	} {
		t.Run(tc.trigger, func(t *testing.T) {
			v := look(t, page)
			body := another(requests.Cart)
			if code, answer := send(t, http.MethodPost, tc.url, string(body), append(tc.headers, "Content-Type", "application/json")...); code/100 != 2 {
				t.Fatalf("%d %s", code, answer)
			}
			r := await(v, "request", answered(body, "exported"))
			if r.Trigger != tc.trigger || r.MessageID != "" || r.Asset == "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func testRedeliver(t *testing.T, page *Console, s *local.Stack) {
	v := look(t, page)
	id := s.PubSub.Publish(local.RequestsTopic, another(requests.Cart), nil)
	first := await(v, "request", func(r request) bool { return r.MessageID == id && ended("exported")(r) && r.Attempts[0].Bytes > 0 })
	started := len(s.EarthEngine.Operations())
	act(t, page, "/redeliver/"+id, "")
	r := await(v, "request", func(r request) bool {
		return r.MessageID == id && r.Count == 2 && ended("exported")(r) && r.Attempts[1].Bytes > 0 && r.Attempts[1].Redelivered
	})
	if r.ID != first.ID || r.Attempts[0].Operation != r.Attempts[1].Operation || len(s.EarthEngine.Operations()) != started {
		t.Errorf("%+v", r)
	}
}

func testFaults(t *testing.T, page *Console, s *local.Stack) {
	for _, tc := range []struct {
		kind     string
		times    int
		trigger  string
		outcomes []string
		calls    int // in the last attempt
	}{
		{"unavailable", 2, "http", []string{"exported"}, 3},
		{"unavailable", 5, "event", []string{"unavailable", "exported"}, 1},
		{"quota", 1, "http", []string{"exported"}, 2},
		{"lost-answer", 1, "http", []string{"exported"}, 2},
		{"lost-answer", 1, "event", []string{"exported"}, 2},
		{"publish", 1, "event", []string{"unpublished", "exported"}, 1},
	} {
		t.Run(fmt.Sprintf("%d %s by %s", tc.times, tc.kind, tc.trigger), func(t *testing.T) {
			v := look(t, page)
			act(t, page, fmt.Sprintf("/faults/%s?times=%d", tc.kind, tc.times), "")
			before := len(s.EarthEngine.Operations())
			body := another(requests.Cart)
			act(t, page, "/send/"+tc.trigger, string(body))
			r := await(v, "request", answered(body, "exported"))
			var outcomes []string
			for _, a := range r.Attempts {
				outcomes = append(outcomes, a.Outcome)
			}
			if fmt.Sprint(outcomes) != fmt.Sprint(tc.outcomes) || r.Attempts[len(r.Attempts)-1].Calls != tc.calls {
				t.Errorf("%+v", r)
			}
			if started := len(s.EarthEngine.Operations()) - before; started != 1 {
				t.Errorf("%d Operations have been started", started)
			}
			if page.armed.counts() != [len(faultKinds)]int{} {
				t.Errorf("still to come: %v", page.armed.counts())
			}
		})
	}
	t.Run("they can be taken back", func(t *testing.T) {
		act(t, page, "/faults/publish?times=100", "")
		act(t, page, "/faults/publish?times=100", "")
		if got := page.armed.counts(); got != [len(faultKinds)]int{unpublished: maxArmed} {
			t.Errorf("%v to come", got)
		}
		act(t, page, "/faults", "")
		if got := page.armed.counts(); got != [len(faultKinds)]int{} {
			t.Errorf("%v to come", got)
		}
	})
}

func testMessageData(t *testing.T, page *Console, s *local.Stack) {
	for _, tc := range []struct {
		name, data, want string
		whole            bool
	}{
		{"JSON is indented, its numbers are as they were", `{"n":1.0e0,"m":[12345678901234567890]}`, "{\n  \"n\": 1.0e0,\n  \"m\": [\n    12345678901234567890\n  ]\n}", true},
		{"text is text", "<b>not markup</b>", "<b>not markup</b>", true},
		{"invalid UTF-8 is replaced", "a\xffb", "a\uFFFDb", false},
		{"of a long one the beginning", strings.Repeat("x", maxDataBytes+1), strings.Repeat("x", maxDataBytes), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := look(t, page)
			id := s.PubSub.Publish(local.FailuresTopic, []byte(tc.data), nil)
			m := await(v, "message", func(m message) bool { return m.ID == id })
			if m.Bytes != len(tc.data) || m.Topic != local.FailuresTopic {
				t.Errorf("%+v", m)
			}
			code, text := get(t, page, "/messages/"+id)
			var got content
			if err := json.Unmarshal([]byte(text), &got); code != 200 || err != nil || got.Shown != tc.want || got.Whole != tc.whole || got.Bytes != len(tc.data) {
				t.Errorf("%d %s %v", code, text, err)
			}
		})
	}
}

func testNonsense(t *testing.T, page *Console) {
	for path, want := range map[string]int{
		"/send/pigeon": 404, "/redeliver/m404": 404, "/redrive/m404": 404, "/operations/fail?name=x": 409, "/nothing": 404,
		"/send/event?attributes=7":   400,
		"/faults/earthquake?times=1": 400, "/faults/publish?times=0": 400, "/faults/publish?times=many": 400, "/faults/publish?times=101": 400,
	} {
		if code, answer := post(t, page, path, "{}"); code != want {
			t.Errorf("POST %s: %d %s", path, code, answer)
		}
	}
	for path, want := range map[string]int{
		"/examples/nothing.json": 404, "/examples/..%2Frequests.go": 404, "/messages/m404": 404, "/send/http": 405, "/faults": 405,
		"/exchanges/e404": 404,
		"/":               200, "/app.js": 200, "/cards.js": 200, "/style.css": 200, "/icon.svg": 200, "/web/index.html": 404, "/examples/" + requests.Cart: 200,
	} {
		if code, answer := get(t, page, path); code != want {
			t.Errorf("GET %s: %d %s", path, code, answer)
		}
	}
	if code, _ := post(t, page, "/send/http", strings.Repeat("x", maxSendBytes+1)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a request of more than %d bytes: %d", maxSendBytes, code)
	}
}
