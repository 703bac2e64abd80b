package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

func testSend(t *testing.T, page *Console) {
	for _, tc := range []struct{ name, trigger, example, outcome string }{
		{"a good request by HTTP", "http", requests.RandomForest, "exported"},
		{"a good request by event", "event", requests.DecisionTreeEnsemble, "exported"},
		{"a bad request by HTTP", "http", requests.SVM, "invalid"},
		{"a bad request by event", "event", requests.SVM, "invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := another(tc.example)
			v := look(t, page)
			act(t, page, "/send/"+tc.trigger, string(body))
			r := await(v, "request", answered(body, tc.outcome))
			a := r.Attempts[0]
			if r.Trigger != tc.trigger || r.Count != 1 || a.RequestID == "" || !strings.HasPrefix(string(a.Durations), `{"receive":`) || !strings.Contains(string(a.Durations), `"total":`) {
				t.Errorf("%+v", r)
			}
			if tc.outcome == "invalid" && (a.Code != 400 || a.Message == "") {
				t.Errorf("%+v", a)
			}
		})
	}
	t.Run("every violation of a request that anybody sends is shown", func(t *testing.T) {
		v := look(t, page)
		send(t, http.MethodPost, page.stack.HTTPURL, `{"assetId": "x", "priority": -1}`)
		r := await(v, "request", func(r request) bool { return ended("invalid")(r) && strings.Contains(r.Attempts[0].Message, "assetId") })
		if len(r.Attempts[0].Violations) < 3 {
			t.Errorf("%+v", r.Attempts[0].Violations)
		}
	})
	t.Run("the failed request of an event says every violation", func(t *testing.T) {
		failures, sent, events := look(t, page), look(t, page), look(t, page)
		act(t, page, "/send/event?attributes="+url.QueryEscape(`{"a":"b"}`), `{"assetId": "x", "priority": -1}`)
		m := await(failures, "message", func(m message) bool {
			return m.Topic == local.FailuresTopic && strings.Contains(m.Message, "assetId")
		})
		if len(m.Violations) < 3 {
			t.Errorf("%+v", m)
		}
		event := await(sent, "message", func(m message) bool { return m.Topic == local.RequestsTopic && m.Attributes["a"] == "b" })
		await(events, "request", func(r request) bool {
			return r.MessageID == event.ID && len(r.Attempts) > 0 && len(r.Attempts[0].Violations) > 2
		})
	})
}
