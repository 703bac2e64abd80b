package handler_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func TestTheAnswerIsTheOperationAsEarthEngineSentIt(t *testing.T) {
	const operation = `{ "name":"projects/my-project/operations/X",  "unknown": 1.50, "metadata":{"state":"PENDING"} }`
	d := handlertest.Deploy(t, nil)
	d.EE.Inject(eetest.Fault{Body: operation})
	answer := d.HTTP.Post(t, "/", handlertest.Fields{"requestId": `"my-request"`}.Body())
	if string(answer.Body) != operation {
		t.Errorf("body %s", answer.Body)
	}
	message := d.Last(t, "operations")
	if string(message.Data) != operation {
		t.Errorf("published %s", message.Data)
	}
	for name, want := range map[string]string{"X-Request-Id": "my-request", "X-Message-Id": message.ID} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("Content-Type %q", got)
	}
}

func TestEarthEnginesOwnDetailsArePassedOn(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	d.EE.Inject(eetest.Fault{Status: 400, Body: `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"bad","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"expression","description":"no"}]},{"@type":"type.googleapis.com/google.rpc.DebugInfo","detail":"stack"}]}}`})
	answer := d.HTTP.Post(t, "/", handlertest.Fields{}.Body())
	if answer.Code != 400 || !slices.Equal(answer.Fields(), []string{"expression"}) || bytes.Contains(answer.Body, []byte("stack")) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	d.EE.Inject(eetest.Fault{Status: 429, Body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow down","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"76.5s"}]}}`})
	if answer := d.HTTP.Post(t, "/", handlertest.Fields{}.Body()); answer.Code != 429 || answer.Header.Get("Retry-After") != "77" {
		t.Errorf("%d %s", answer.Code, answer.Header)
	}
}

// TestTextsAreNotFormattedAndSecretsNotLogged sends texts that a formatter would
// interpret, and texts that must not be passed on.
func TestTextsAreNotFormattedAndSecretsNotLogged(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"FAILURES_TOPIC": ""})
	body := handlertest.Fields{}
	body["extra"] = `"secret-in-the-body","%d%s%!n":1`
	answer := d.Event.Deliver(t, handlertest.Message{ID: "%s%d", Data: body.Body()})
	if answer.Code != 400 || !strings.Contains(answer.Error().Message, `extra`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if all := string(answer.Body) + d.Event.Log(); strings.Contains(all, "MISSING") || strings.Contains(all, "EXTRA") || strings.Contains(all, "secret-in-the-body") {
		t.Errorf("formatted, or logged: %s", all)
	}
	if !slices.Contains(answer.Fields(), `"%d%s%!n"`) {
		t.Errorf("fields %q", answer.Fields())
	}
}

func TestTheAdviceOnTheCheckIsForTheOperator(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	svm := strings.Replace(handlertest.Cart, "smileCart", "libsvm", 1)
	answer := d.HTTP.Post(t, "/", handlertest.Fields{"expression": svm}.Body())
	if answer.Code != 400 || strings.Contains(string(answer.Body), "EXPRESSION_CHECK") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	d.HTTP.AwaitLine(t, "EXPRESSION_CHECK=structure")
}
