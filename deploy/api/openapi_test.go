package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// answers holds every answer to openapi.yaml, and notes what it has seen.
type answers struct {
	*described
	reasons, headers, properties map[string]bool
}

// check checks one answer.
func (a *answers) check(t *testing.T, answer *handlertest.Answer) {
	t.Helper()
	responses, at := a.at(t, "/paths/~1/post/responses")
	code := strconv.Itoa(answer.Code)
	if responses[code] == nil {
		code = code[:1] + "XX"
	}
	response, at := a.at(t, at+"/"+code)
	described := response["headers"].(map[string]any)
	for name := range answer.Header {
		switch name {
		case "Content-Type", "Content-Length", "Date", "X-Content-Type-Options":
			continue
		}
		a.headers[name] = true
		if !slices.ContainsFunc(slices.Collect(maps.Keys(described)), func(d string) bool { return http.CanonicalHeaderKey(d) == name }) {
			t.Errorf("%d has a header %s, which is not described", answer.Code, name)
		}
	}
	a.checkOpen(t, at+"/content/application~1json/schema", parseJSON(t, answer.Body))
	e := answer.Error()
	if e.Reason() != "" {
		a.reasons[e.Reason()] = true
	}
	for name := range properties(schemaOf(parseJSON(t, answer.Body))) {
		a.properties[name] = true
	}
}

// schemaOf returns a schema with the properties that a value has.
func schemaOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		members := make(map[string]any)
		for name, v := range value {
			members[name] = schemaOf(v)
		}
		return map[string]any{"properties": members}
	case []any:
		items := make([]any, len(value))
		for i, v := range value {
			items[i] = schemaOf(v)
		}
		return items
	}
	return nil
}

// TestEveryAnswerIsDescribed holds openapi.yaml to an answer of each kind.
func TestEveryAnswerIsDescribed(t *testing.T) {
	seen := &answers{describe(t, "openapi.yaml"), map[string]bool{}, map[string]bool{}, map[string]bool{}}
	d := handlertest.Deploy(t, map[string]string{
		"MAX_REQUEST_BYTES": "20000", "CLOUD_RUN_TIMEOUT_SECONDS": "4", "ALLOWED_READS": "projects/my-project/assets",
		"REQUESTS_TOPIC": "requests", "REQUEST_MAX_AGE": "48h",
	})
	good := handlertest.Fields{}.Body()
	image := `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.train","arguments":{
		"classifier":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}},
		"features":{"functionInvocationValue":{"functionName":"Collection.loadTable","arguments":{"tableId":{"constantValue":"projects/other/assets/t"}}}},
		"classProperty":{"constantValue":"c"}}}}}}`
	used := eetest.Fault{Status: 409, Code: "ALREADY_EXISTS", Message: "The request ID has been used."}
	for _, tc := range []struct {
		name, method, path string
		body               []byte
		headers            []string
		ee                 []eetest.Fault
		ps                 []handlertest.Fault
		code               int
		reason             string
	}{
		{name: "a start", body: good, headers: []string{"Idempotency-Key", "1"}, code: 200},
		{name: "a repeat", body: good, headers: []string{"Idempotency-Key", "1"}, code: 200},
		{name: "a check", path: "?validateOnly=true", body: good, code: 200},
		{name: "no JSON", body: []byte("{"), code: 400, reason: "INVALID_REQUEST"},
		{name: "a wrong method", method: "GET", code: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "too large", body: handlertest.Fields{"description": `"` + strings.Repeat("x", 20_000) + `"`}.Body(), code: 413, reason: "REQUEST_TOO_LARGE"},
		{name: "a push without metadata", body: good, headers: []string{"User-Agent", "CloudPubSub-Google"}, code: 400, reason: "PUSH_WITHOUT_METADATA"},
		{name: "another project", body: handlertest.Fields{"project": `"projects/other"`}.Body(), code: 403, reason: "PROJECT_NOT_ALLOWED"},
		{name: "another asset", body: handlertest.Asset("projects/other/assets/rf").Body(), code: 403, reason: "ASSET_NOT_ALLOWED"},
		{name: "another read", body: handlertest.Fields{"expression": image}.Body(), code: 403, reason: "READ_NOT_ALLOWED"},
		{name: "a request ID", body: handlertest.Fields{"requestId": `"r"`, "description": `"one"`}.Body(), code: 200},
		{name: "a request ID of another request", body: handlertest.Fields{"requestId": `"r"`, "description": `"two"`}.Body(), code: 409, reason: "REQUEST_ID_REUSED"},
		{name: "a refusal", body: good, ee: []eetest.Fault{{Status: 404}}, code: 404, reason: "EARTH_ENGINE_REFUSED"},
		{name: "a quota", body: good, ee: []eetest.Fault{{Status: 429, RetryAfter: "77"}}, code: 429, reason: "EARTH_ENGINE_QUOTA"},
		{name: "a deployment that is not accepted", body: good, ee: []eetest.Fault{{Status: 403, Reason: "SERVICE_DISABLED"}}, code: 503, reason: "DEPLOYMENT_NOT_ACCEPTED"},
		{name: "Earth Engine down", body: good, ee: []eetest.Fault{{Status: 503, Times: -1}}, code: 503, reason: "EARTH_ENGINE_UNAVAILABLE"},
		{name: "an outcome that is unknown", body: good, ee: []eetest.Fault{{Reset: eetest.AfterStart}, {Status: 403}}, code: 503, reason: "OUTCOME_UNKNOWN"},
		{name: "a deadline", body: good, ee: []eetest.Fault{{Delay: time.Minute, Times: -1}}, code: 504, reason: "DEADLINE_EXCEEDED"},
		{name: "no topic", body: good, ps: []handlertest.Fault{{On: "operations", Status: status.New(codes.NotFound, "")}}, code: 503, reason: "OPERATION_NOT_PUBLISHED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d.EE.ClearFaults()
			d.EE.Inject(tc.ee...)
			d.PubSub.Inject(tc.ps...)
			if tc.method == "" {
				tc.method = http.MethodPost
			}
			answer, err := d.HTTP.Send(tc.method, "/"+tc.path, tc.body, tc.headers...)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Code != tc.code || answer.Error().Reason() != tc.reason {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			seen.check(t, answer)
		})
	}
	for name, env := range map[string]map[string]string{
		"INVALID_SIGNATURE": {"WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		"INTERNAL":          {"OPERATIONS_TOPIC": ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := handlertest.Start(t, "ExportClassifier", handlertest.With(handlertest.Env(d.EE, d.PubSub), env))
			answer := f.Post(t, "/", good)
			if answer.Error().Reason() != name {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			seen.check(t, answer)
		})
	}

	// What only an event can come to is on the failures topic.
	d.EE.ClearFaults()
	d.EE.Inject(used)
	at := func(ago time.Duration) string { return time.Now().UTC().Add(-ago).Format(time.RFC3339) }
	d.Event.Deliver(t, handlertest.Message{ID: "1", Data: handlertest.Fields{"description": `"unseen"`}.Body(), PublishTime: at(11 * time.Minute)})
	d.EE.Inject(eetest.Fault{Status: 429, Times: -1})
	d.Event.Deliver(t, handlertest.Message{ID: "2", Data: good, PublishTime: at(49 * time.Hour), DeliveryAttempt: 7})
	topics := describe(t, "asyncapi.yaml")
	for _, m := range d.PubSub.Messages("failures") {
		topics.check(t, "/components/messages/requestFailed/headers", m.Attributes)
		seen.reasons[m.Attributes["reason"]] = true
	}

	seen.checkWhole(t)
}

// checkWhole checks that everything that is described has been seen.
func (a *answers) checkWhole(t *testing.T) {
	t.Helper()
	schema := readJSON(t, "schemas/error.json").(map[string]any)
	for _, reason := range schema["definitions"].(map[string]any)["reason"].(map[string]any)["enum"].([]any) {
		if !a.reasons[reason.(string)] {
			t.Errorf("the reason %s is described, and nothing has it", reason)
		}
	}
	for name := range properties(schema) {
		if !a.properties[name] {
			t.Errorf("the property %s is described, and no error has it", name)
		}
	}
	headers, _ := a.at(t, "/components/headers")
	for name := range headers {
		if !a.headers[http.CanonicalHeaderKey(name)] {
			t.Errorf("the header %s is described, and no answer has it", name)
		}
	}
}
