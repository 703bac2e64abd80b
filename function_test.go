package eeexport_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	_ "example.com/eeexport"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// deployment is both functions with everything outside of them.
type deployment struct {
	ee    *eetest.Server
	ps    *handlertest.PubSub
	http  *handlertest.Function
	event *handlertest.Function
}

func deploy(t *testing.T, change map[string]string, opts ...eetest.Option) *deployment {
	t.Helper()
	d := &deployment{
		ee: eetest.NewServer(append([]eetest.Option{eetest.Emulator()}, opts...)...),
		ps: handlertest.NewPubSub(t, "operations", "failures"),
	}
	t.Cleanup(d.ee.Close)
	env := handlertest.With(handlertest.Env(d.ee, d.ps), change)
	d.http = handlertest.Start(t, "ExportClassifier", env)
	d.event = handlertest.Start(t, "ExportClassifierEvent", env)
	return d
}

// doors are the two ways to send a request. What both must do alike is tested
// through each of them.
var doors = []struct {
	name string
	send func(d *deployment, t *testing.T, id string, body []byte) *handlertest.Answer
}{
	{"http", func(d *deployment, t *testing.T, id string, body []byte) *handlertest.Answer {
		return d.http.Post(t, "/", body, "Idempotency-Key", id)
	}},
	{"event", func(d *deployment, t *testing.T, id string, body []byte) *handlertest.Answer {
		return d.event.Deliver(t, handlertest.Message{ID: id, Data: body})
	}},
}

// counts are what a request has led to.
type counts struct{ calls, started, published, failures int }

func (d *deployment) counts() counts {
	return counts{
		calls:     d.ee.Count(eetest.ExportClassifier),
		started:   len(d.ee.Operations()),
		published: len(d.ps.Messages("operations")),
		failures:  len(d.ps.Messages("failures")),
	}
}

func (c counts) since(before counts) counts {
	return counts{c.calls - before.calls, c.started - before.started, c.published - before.published, c.failures - before.failures}
}

// last returns the last message of a topic.
func (d *deployment) last(t *testing.T, topic string) *pstest.Message {
	t.Helper()
	messages := d.ps.Messages(topic)
	if len(messages) == 0 {
		t.Fatalf("nothing on %s", topic)
	}
	return messages[len(messages)-1]
}

const (
	cart = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}}`
	svm  = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.libsvm","arguments":{}}}}}`
)

// fields make a request: those of a good one, changed. A "" leaves one out.
type fields map[string]string

func (f fields) body() []byte {
	all := fields{
		"expression":         cart,
		"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/rf"}}`,
	}
	maps.Copy(all, f)
	var members []string
	for _, name := range []string{"project", "expression", "description", "requestId", "assetExportOptions", "workloadTag", "priority", "extra"} {
		if all[name] != "" {
			members = append(members, fmt.Sprintf("%q:%s", name, all[name]))
		}
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

func asset(name string) fields {
	return fields{"assetExportOptions": fmt.Sprintf(`{"earthEngineDestination":{"name":%q}}`, name)}
}

// TestOutcomes is the contract's table of answers, through both doors.
func TestOutcomes(t *testing.T) {
	d := deploy(t, map[string]string{"MAX_REQUEST_BYTES": "20000", "CLOUD_RUN_TIMEOUT_SECONDS": "4"})
	good := fields{}.body()
	notFound := status.New(codes.NotFound, "topic")
	refused := status.New(codes.PermissionDenied, "publish")
	ok := counts{calls: 1, started: 1, published: 1}
	failed := counts{failures: 1} // of an event; of HTTP nothing is published
	for _, tc := range []struct {
		name   string
		body   []byte
		ee     []eetest.Fault
		ps     []handlertest.PublishFault
		code   int
		status string
		reason string
		want   counts
	}{
		{name: "a good request is exported", body: good, code: 200, want: ok},

		{name: "no JSON is invalid", body: []byte("{"), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "a rule broken is invalid", body: fields{"priority": "10000"}.body(), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "a classifier that cannot be exported is invalid", body: fields{"expression": svm}.body(), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "another project is not allowed", body: fields{"project": `"projects/other"`}.body(), code: 403, status: "PERMISSION_DENIED", reason: "PROJECT_NOT_ALLOWED", want: failed},
		{name: "another project's asset is not allowed", body: asset("projects/other/assets/rf").body(), code: 403, status: "PERMISSION_DENIED", reason: "ASSET_NOT_ALLOWED", want: failed},
		{name: "too large is refused", body: fields{"description": `"` + strings.Repeat("x", 20_000) + `"`}.body(), code: 413, status: "INVALID_ARGUMENT", reason: "REQUEST_TOO_LARGE", want: failed},

		{name: "Earth Engine's 400 is passed on", body: good, ee: []eetest.Fault{{Status: 400}}, code: 400, status: "INVALID_ARGUMENT", reason: "EARTH_ENGINE_REFUSED", want: counts{calls: 1, failures: 1}},
		{name: "Earth Engine's 401 is passed on", body: good, ee: []eetest.Fault{{Status: 401}}, code: 401, status: "UNAUTHENTICATED", reason: "EARTH_ENGINE_REFUSED", want: counts{calls: 1, failures: 1}},
		{name: "Earth Engine's 403 is passed on", body: good, ee: []eetest.Fault{{Status: 403}}, code: 403, status: "PERMISSION_DENIED", reason: "EARTH_ENGINE_REFUSED", want: counts{calls: 1, failures: 1}},
		{name: "Earth Engine's 404 is passed on", body: good, ee: []eetest.Fault{{Status: 404}}, code: 404, status: "NOT_FOUND", reason: "EARTH_ENGINE_REFUSED", want: counts{calls: 1, failures: 1}},
		{name: "a proxy's 403 page is a refusal", body: good, ee: []eetest.Fault{{Status: 403, Body: "<html>no</html>"}}, code: 403, status: "PERMISSION_DENIED", reason: "EARTH_ENGINE_REFUSED", want: counts{calls: 1, failures: 1}},

		{name: "429 to the end is the quota", body: good, ee: []eetest.Fault{{Status: 429, Times: -1}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: counts{calls: 5}},
		{name: "429 with a long Retry-After is passed on at once", body: good, ee: []eetest.Fault{{Status: 429, RetryAfter: "77", Times: -1}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: counts{calls: 1}},
		{name: "a full queue is the quota, whatever its status", body: good, ee: []eetest.Fault{{Status: 400, Message: "Too many tasks already in the queue (3000). Please wait for some of them to complete."}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: counts{calls: 1}},
		{name: "429 once is retried", body: good, ee: []eetest.Fault{{Status: 429}}, code: 200, want: counts{2, 1, 1, 0}},

		{name: "503 to the end is unavailable", body: good, ee: []eetest.Fault{{Status: 503, Times: -1}}, code: 503, status: "UNAVAILABLE", reason: "EARTH_ENGINE_UNAVAILABLE", want: counts{calls: 5}},
		{name: "500 once is retried", body: good, ee: []eetest.Fault{{Status: 500}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "a reset before the start is retried", body: good, ee: []eetest.Fault{{Reset: eetest.BeforeStart}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "a reset after the start is retried", body: good, ee: []eetest.Fault{{Reset: eetest.AfterStart}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "an answer cut short is retried", body: good, ee: []eetest.Fault{{Truncate: true}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "an answer that is not JSON is retried", body: good, ee: []eetest.Fault{{Started: true, Status: 200, Body: "<html>"}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "an Operation without a name is retried", body: good, ee: []eetest.Fault{{Started: true, Status: 200, Body: `{"metadata":{}}`}}, code: 200, want: counts{2, 1, 1, 0}},
		{name: "latency past the deadline", body: good, ee: []eetest.Fault{{Delay: time.Minute}}, code: 504, status: "DEADLINE_EXCEEDED", reason: "DEADLINE_EXCEEDED", want: counts{calls: 1}},

		{name: "a topic that is missing leaves the Operation unpublished", body: good, ps: []handlertest.PublishFault{{Topic: "operations", Status: notFound}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: counts{calls: 1, started: 1}},
		{name: "a publish that is refused leaves the Operation unpublished", body: good, ps: []handlertest.PublishFault{{Topic: "operations", Status: refused}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: counts{calls: 1, started: 1}},
		{name: "a publish that is unavailable once is retried", body: good, ps: []handlertest.PublishFault{{Topic: "operations", Status: status.New(codes.Unavailable, "")}}, code: 200, want: ok},
		{name: "a publish that is unavailable to the end leaves the Operation unpublished", body: good, ps: []handlertest.PublishFault{{Topic: "operations", Status: status.New(codes.Unavailable, ""), Times: -1}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: counts{calls: 1, started: 1}},
	} {
		for _, door := range doors {
			t.Run(tc.name+"/"+door.name, func(t *testing.T) {
				d.ee.ClearFaults()
				d.ps.ClearFaults()
				d.ee.Inject(tc.ee...)
				d.ps.Inject(tc.ps...)
				before := d.counts()
				answer := door.send(d, t, t.Name(), tc.body)
				got, want := d.counts().since(before), tc.want

				code := tc.code
				switch {
				case door.name == "http":
					want.failures = 0
				case tc.want.failures > 0:
					code = http.StatusOK // acknowledged: it is on the failures topic
				}
				if answer.Code != code {
					t.Errorf("status %d, want %d: %s", answer.Code, code, answer.Body)
				}
				if got != want {
					t.Errorf("led to %+v, want %+v", got, want)
				}
				if code != http.StatusOK {
					e := answer.Error()
					if e.Code != tc.code || e.Status != tc.status || e.Reason() != tc.reason || e.Message == "" {
						t.Errorf("error %+v, want %d %s %s", e, tc.code, tc.status, tc.reason)
					}
				}
				if want.failures > 0 {
					attributes := d.last(t, "failures").Attributes
					if attributes["code"] != tc.status || attributes["reason"] != tc.reason || attributes["message"] == "" {
						t.Errorf("failure published with %v", attributes)
					}
				}
			})
		}
	}
}

func TestEveryRealRequestIsExportedWithItsExpressionUnchanged(t *testing.T) {
	files := requests.Names()
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			d := deploy(t, map[string]string{"ALLOWED_ASSETS": "*", "EXPRESSION_CHECK": "structure"})
			for _, file := range files {
				body := requests.Get(file)
				answer := door.send(d, t, file, body)
				if answer.Code != http.StatusOK {
					t.Fatalf("%s: %d %s", file, answer.Code, answer.Body)
				}
				requests := d.ee.Requests()
				upstream := requests[len(requests)-1]
				var sent, got struct {
					Project            string
					Expression         json.RawMessage
					Description        string
					RequestID          string `json:"requestId"`
					AssetExportOptions any
					Priority           any
				}
				if err := json.Unmarshal(body, &sent); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(upstream.Body, &got); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Expression, sent.Expression) {
					t.Errorf("%s: the expression was changed", file)
				}
				if wrapped, ok := sent.Priority.(map[string]any); ok {
					sent.Priority = wrapped["value"]
				}
				got.Project, got.Expression, sent.Expression = "projects/my-project", nil, nil
				if !reflect.DeepEqual(got, sent) {
					t.Errorf("%s: went upstream as %+v", file, got)
				}
				if upstream.Path != "/v1beta/projects/my-project/classifier:export" {
					t.Errorf("%s: path %s", file, upstream.Path)
				}
			}
			if got := d.counts(); got.started != len(files) || got.published != len(files) {
				t.Errorf("%+v for %d requests", got, len(files))
			}
		})
	}
}

func TestTheAnswerIsTheOperationAsEarthEngineSentIt(t *testing.T) {
	const operation = `{ "name":"projects/my-project/operations/X",  "unknown": 1.50, "metadata":{"state":"PENDING"} }`
	d := deploy(t, nil)
	d.ee.Inject(eetest.Fault{Body: operation})
	answer := d.http.Post(t, "/", fields{"requestId": `"my-request"`}.body())
	if string(answer.Body) != operation {
		t.Errorf("body %s", answer.Body)
	}
	message := d.last(t, "operations")
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

func TestPathsAndProjects(t *testing.T) {
	d := deploy(t, map[string]string{"ALLOWED_PROJECTS": "my-project,12345,example.com:old", "ALLOWED_ASSETS": "projects/my-project/assets"})
	for _, tc := range []struct {
		name    string
		path    string
		project string // in the body
		want    string // upstream path; "" for a refusal of the field project
	}{
		{"no project is the deployment's own", "/", "", "/v1beta/projects/my-project/classifier:export"},
		{"any other path takes the body's project", "/hooks/github", `"projects/12345"`, "/v1beta/projects/12345/classifier:export"},
		{"v1beta", "/v1beta/projects/my-project/classifier:export", "", "/v1beta/projects/my-project/classifier:export"},
		{"v1", "/v1/projects/12345/classifier:export", "", "/v1/projects/12345/classifier:export"},
		{"v1alpha", "/v1alpha/projects/my-project/classifier:export", "", "/v1alpha/projects/my-project/classifier:export"},
		{"an old project with a domain", "/v1/projects/example.com:old/classifier:export", "", "/v1/projects/example.com:old/classifier:export"},
		{"path and body agree", "/v1/projects/my-project/classifier:export", `"projects/my-project"`, "/v1/projects/my-project/classifier:export"},
		{"path and body disagree", "/v1/projects/my-project/classifier:export", `"projects/12345"`, ""},
		{"a project without projects/", "/", `"my-project"`, ""},
		{"a project in capitals", "/", `"projects/My-Project"`, ""},
		{"a version that does not exist", "/v2/projects/my-project/classifier:export", "", ""},
		{"an encoded slash in the path", "/v1/projects/my-project%2Fx/classifier:export", "", ""},
		{"an encoded letter in the path is that letter", "/v1/projects/%6dy-project/classifier%3Aexport", "", "/v1/projects/my-project/classifier:export"},
		{"a slash after the method", "/v1/projects/my-project/classifier:export/", "", ""},
		{"another method of a project", "/v1beta/projects/other", "", ""},
		{"no project in the path", "/v1/projects/classifier:export", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(d.ee.Requests())
			answer := d.http.Post(t, tc.path, fields{"project": tc.project}.body())
			requests := d.ee.Requests()[before:]
			if tc.want == "" {
				if e := answer.Error(); answer.Code != 400 || !slices.Contains(e.Fields(), "project") || len(requests) > 0 {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
				return
			}
			if answer.Code != 200 || len(requests) != 1 || requests[0].Path != tc.want {
				t.Errorf("%d %s, upstream %+v", answer.Code, answer.Body, requests)
			}
		})
	}
}

func TestAuthorization(t *testing.T) {
	d := deploy(t, map[string]string{"ALLOWED_PROJECTS": "my-project,second-project", "ALLOWED_ASSETS": "projects/my-project/assets/models,projects/earthengine-legacy/assets/users/me"})
	for _, tc := range []struct {
		name string
		with fields
		code int
	}{
		{"an asset below a prefix", asset("projects/my-project/assets/models/a/b"), 200},
		{"the prefix itself", asset("projects/my-project/assets/models"), 200},
		{"a legacy asset that is allowed", asset("projects/earthengine-legacy/assets/users/me/rf"), 200},
		{"a second project", fields{"project": `"projects/second-project"`, "assetExportOptions": asset("projects/my-project/assets/models/x")["assetExportOptions"]}, 200},
		{"an asset beside the prefix", asset("projects/my-project/assets/models2/a"), 403},
		{"an asset above the prefix", asset("projects/my-project/assets/other"), 403},
		{"somebody else's legacy asset", asset("projects/earthengine-legacy/assets/users/me2/rf"), 403},
		{"a prefix in capitals", asset("projects/my-project/assets/Models/a"), 403},
		{"a dot segment", asset("projects/my-project/assets/models/../other"), 400},
		{"a single dot", asset("projects/my-project/assets/models/./x"), 400},
		{"an empty segment", asset("projects/my-project/assets/models//x"), 400},
		{"a slash at the end", asset("projects/my-project/assets/models/"), 400},
		{"an encoded slash", asset("projects/my-project/assets/models%2F..%2Fother"), 400},
		{"a full-width solidus", asset("projects/my-project/assets/models／x"), 400},
		{"a letter that folds to k", asset("projects/my-project/assets/models/\u212aelvin"), 400},
		{"a backslash", asset(`projects/my-project/assets/models\x`), 400},
		{"a NUL", fields{"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/models/a\u0000"}}`}, 400},
		{"a newline after the name", fields{"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/models/a\n"}}`}, 400},
		{"a placeholder outside of the last segment", asset("projects/my-project/assets/{date}/a"), 400},
		{"a project that has an allowed one as prefix", fields{"project": `"projects/my-project2"`}, 403},
		{"a project by a number that is not listed", fields{"project": `"projects/123"`}, 403},
		{"a project with a slash", fields{"project": `"projects/my-project/x"`}, 400},
		{"a project that ends in a newline", fields{"project": `"projects/my-project\n"`}, 400},
	} {
		for _, door := range doors {
			t.Run(tc.name+"/"+door.name, func(t *testing.T) {
				before := d.counts()
				answer := door.send(d, t, t.Name(), tc.with.body())
				got := d.counts().since(before)
				code := answer.Code
				if door.name == "event" && got.failures == 1 {
					code = map[string]int{"PERMISSION_DENIED": 403, "INVALID_ARGUMENT": 400}[d.last(t, "failures").Attributes["code"]]
				}
				if code != tc.code || (got.calls > 0) != (tc.code == 200) {
					t.Errorf("%d %s, led to %+v", code, answer.Body, got)
				}
			})
		}
	}
}

func TestRequestIDs(t *testing.T) {
	d := deploy(t, map[string]string{"ALLOWED_PROJECTS": "my-project,other-project", "ALLOWED_ASSETS": "*"})
	scheduler := []string{"X-CloudScheduler-JobName", "nightly", "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z"}
	push := []string{"x-goog-pubsub-message-id", "77", "x-goog-pubsub-subscription-name", "s"}
	post := func(with fields, headers ...string) string {
		t.Helper()
		answer := d.http.Post(t, "/", with.body(), headers...)
		if answer.Code != 200 {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		requests := d.ee.Requests()
		id := answer.Header.Get("X-Request-Id")
		if !bytes.Contains(requests[len(requests)-1].Body, []byte(`"requestId":"`+id+`"`)) {
			t.Errorf("X-Request-Id %s did not go upstream", id)
		}
		if got := d.last(t, "operations").Attributes["requestId"]; got != id {
			t.Errorf("published with request ID %s, answered %s", got, id)
		}
		return id
	}
	all := append(append([]string{"Idempotency-Key", "key"}, scheduler...), push...)

	if id := post(fields{"requestId": `"mine-1"`}, all...); id != "mine-1" {
		t.Errorf("the body's request ID does not go first: %s", id)
	}
	key := post(nil, "Idempotency-Key", "key")
	if id := post(nil, all...); id != key {
		t.Error("Idempotency-Key does not go before the scheduler")
	}
	if id := post(nil, append(slices.Clone(scheduler), push...)...); id != post(nil, scheduler...) {
		t.Error("the scheduler does not go before Pub/Sub")
	}
	if first, again := post(nil, push...), post(nil, push...); first != again {
		t.Error("the same push has two request IDs")
	}
	if one, another := post(nil), post(nil); one == another {
		t.Error("requests without any identity share a request ID")
	}
	if one, another := post(nil, "webhook-id", "key"), post(nil, "webhook-id", "key"); one == another {
		t.Error("the ID of a webhook that is not verified is used")
	}
	seen := map[string]string{}
	for name, id := range map[string]string{
		"key":                 key,
		"another key":         post(nil, "Idempotency-Key", "key2"),
		"key, other project":  post(fields{"project": `"projects/other-project"`}, "Idempotency-Key", "key"),
		"scheduler":           post(nil, scheduler...),
		"another time":        post(nil, scheduler[0], scheduler[1], scheduler[2], "2026-11-23T09:00:00Z"),
		"push":                post(nil, push...),
		"another sub":         post(nil, push[0], push[1], push[2], "s2"),
		"split another way":   post(nil, push[0], "7", push[2], "7s"),
		"key like a schedule": post(nil, "Idempotency-Key", "nightly2026-11-23T08:00:00Z"),
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s share a request ID", name, other)
		}
		seen[id] = name
		if u, err := uuid.Parse(id); err != nil || u.Version() != 5 {
			t.Errorf("%s: %s is no version 5 UUID", name, id)
		}
	}
	if u, err := uuid.Parse(post(nil, scheduler[0], scheduler[1])); err != nil || u.Version() != 4 {
		t.Error("half of the scheduler's headers identify a request")
	}
}

func TestTheSameEventDeliveredAgainReachesOneOperation(t *testing.T) {
	d := deploy(t, nil)
	message := handlertest.Message{ID: "42", Data: fields{"description": `"run {time}"`, "assetExportOptions": asset("projects/my-project/assets/rf-{date}")["assetExportOptions"]}.body(), PublishTime: "2026-11-23T08:00:00.5Z"}
	for range 3 {
		if answer := d.event.Deliver(t, message); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
	}
	if got := d.counts(); got != (counts{calls: 3, started: 1, published: 3}) {
		t.Errorf("%+v", got)
	}
	requests := d.ee.Requests()
	for _, r := range requests {
		if !bytes.Equal(r.Body, requests[0].Body) {
			t.Errorf("sent\n%s and\n%s", r.Body, requests[0].Body)
		}
	}
	if !bytes.Contains(requests[0].Body, []byte(`"run 20261123T080000Z"`)) || !bytes.Contains(requests[0].Body, []byte("assets/rf-20261123\"")) {
		t.Errorf("placeholders: %s", requests[0].Body)
	}
	messages := d.ps.Messages("operations")
	if messages[0].Attributes["ce-id"] != messages[2].Attributes["ce-id"] {
		t.Error("the same Operation is published under two IDs")
	}
	if other := d.event.Deliver(t, handlertest.Message{ID: "43", Data: message.Data}); !other.Acknowledged() || d.counts().started != 2 {
		t.Error("another event is taken for the same one")
	}
}

func TestMessages(t *testing.T) {
	d := deploy(t, nil)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	trace := []string{"traceparent", parent, "tracestate", "vendor=1"}
	check := func(t *testing.T, got map[string]string, want map[string]string) {
		t.Helper()
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s %q, want %q", name, got[name], value)
			}
		}
		if _, err := time.Parse(time.RFC3339, got["ce-time"]); err != nil {
			t.Errorf("ce-time: %v", err)
		}
		for name := range got {
			if _, ok := want[name]; !ok && name != "ce-time" && name != "message" {
				t.Errorf("unexpected attribute %s %q", name, got[name])
			}
		}
	}
	started := func(name string) map[string]string {
		return map[string]string{
			"ce-specversion": "1.0", "ce-type": "eeexport.operation.started.v1", "ce-id": name + "/started",
			"ce-source": "//earthengine.googleapis.com/projects/my-project", "ce-subject": name,
			"Content-Type": "application/json", "operation": name, "project": "projects/my-project",
			"asset": "projects/my-project/assets/rf", "requestId": "r1", "workloadTag": "team-a",
			"traceparent": parent, "ce-traceparent": parent, "tracestate": "vendor=1", "ce-tracestate": "vendor=1",
		}
	}
	body := fields{"requestId": `"r1"`, "workloadTag": `"team-a"`}.body()
	t.Run("a started Operation, from HTTP", func(t *testing.T) {
		answer := d.http.Post(t, "/", body, trace...)
		check(t, d.last(t, "operations").Attributes, started(answer.Name()))
	})
	t.Run("a started Operation, from an event's extension", func(t *testing.T) {
		m := handlertest.Message{ID: "1", Data: body}
		if _, err := d.event.Send("POST", "/", m.Envelope(), append(m.Headers(), "Ce-Traceparent", parent, "Ce-Tracestate", "vendor=1")...); err != nil {
			t.Fatal(err)
		}
		last := d.last(t, "operations")
		check(t, last.Attributes, started(last.Attributes["operation"]))
	})
	t.Run("a started Operation, from a message's attributes", func(t *testing.T) {
		d.event.Deliver(t, handlertest.Message{ID: "2", Data: body, Attributes: map[string]string{"googclient_traceparent": parent, "tracestate": "vendor=1"}})
		last := d.last(t, "operations")
		check(t, last.Attributes, started(last.Attributes["operation"]))
	})
	t.Run("a failed request", func(t *testing.T) {
		bad := []byte(`{"requestId":"r2","priority":-1} `)
		if answer := d.event.Deliver(t, handlertest.Message{ID: "3", Data: bad, Attributes: map[string]string{"traceparent": "garbage"}}); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		last := d.last(t, "failures")
		if !bytes.Equal(last.Data, bad) {
			t.Errorf("data %s", last.Data)
		}
		check(t, last.Attributes, map[string]string{
			"ce-specversion": "1.0", "ce-type": "eeexport.request.failed.v1", "ce-id": "r2/failed",
			"ce-source": "//earthengine.googleapis.com/projects/my-project", "ce-subject": "r2",
			"Content-Type": "application/json", "code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST", "requestId": "r2",
		})
		if !strings.Contains(last.Attributes["message"], "priority") {
			t.Errorf("message %q", last.Attributes["message"])
		}
	})
}

// TestFailuresAreNeverDropped is about events that can never succeed.
func TestFailuresAreNeverDropped(t *testing.T) {
	bad := fields{"priority": "-1"}.body()
	t.Run("without a failures topic they are not acknowledged", func(t *testing.T) {
		d := deploy(t, map[string]string{"FAILURES_TOPIC": ""})
		if answer := d.event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); answer.Code != 400 || answer.Error().Status != "INVALID_ARGUMENT" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("nor where publishing them fails", func(t *testing.T) {
		d := deploy(t, nil)
		d.ps.Inject(handlertest.PublishFault{Topic: "failures", Status: status.New(codes.PermissionDenied, "")})
		if answer := d.event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); answer.Code != 400 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if answer := d.event.Deliver(t, handlertest.Message{ID: "1", Data: bad}); !answer.Acknowledged() || d.counts().failures != 1 {
			t.Errorf("redelivered: %d %s, %+v", answer.Code, answer.Body, d.counts())
		}
	})
	t.Run("a long message is cut to what an attribute holds", func(t *testing.T) {
		d := deploy(t, nil)
		d.ee.Inject(eetest.Fault{Status: 400, Message: strings.Repeat("é", 1500)})
		if answer := d.event.Deliver(t, handlertest.Message{ID: "1", Data: fields{}.body()}); !answer.Acknowledged() {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if m := d.last(t, "failures").Attributes["message"]; len(m) > 1024 || len(m) < 1000 || !utf8.ValidString(m) {
			t.Errorf("%d bytes", len(m))
		}
	})
}

func TestEventForms(t *testing.T) {
	d := deploy(t, nil)
	body := fields{}.body()
	source := []string{"Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "//custom/source"}
	message := handlertest.Message{ID: "9", Data: body}
	structured := func(data string) []byte {
		return fmt.Appendf(nil, `{"specversion":"1.0","id":"5","source":"//s","type":"custom.request","time":"2026-01-02T03:04:05Z",%s}`, data)
	}
	escaped := bytes.ReplaceAll(message.Envelope(), []byte("/"), []byte(`\/`))
	for _, tc := range []struct {
		name    string
		body    []byte
		headers []string
		failure string // a word of the violation; "" for a success
	}{
		{"Pub/Sub through Eventarc", message.Envelope(), message.Headers(), ""},
		{"a wrapped push subscription, without CloudEvents headers", message.Envelope(), []string{"Content-Type", "application/json"}, ""},
		{"base64 with escaped slashes", escaped, message.Headers(), ""},
		{"another type, in binary mode", body, append(source, "Ce-Type", "custom.request", "Content-Type", "application/json"), ""},
		{"another type, without a content type", body, append(source, "Ce-Type", "custom.request"), ""},
		{"another type, of a +json media type", body, append(source, "Ce-Type", "custom.request", "Content-Type", "application/vnd.custom+json; charset=utf-8"), ""},
		{"another type, in structured mode", structured(`"data":` + string(body)), []string{"Content-Type", "application/cloudevents+json"}, ""},
		{"another type, in structured mode with base64", structured(`"data_base64":"` + base64.StdEncoding.EncodeToString(body) + `"`), []string{"Content-Type", "application/cloudevents+json"}, ""},
		{"data that is not JSON", body, append(source, "Ce-Type", "custom.request", "Content-Type", "text/plain"), "datacontenttype"},
		{"a message without data", []byte(`{"message":{"attributes":{}}}`), message.Headers(), "message.data"},
		{"a message with null for data", []byte(`{"message":{"data":null}}`), message.Headers(), "message.data"},
		{"a message that is no message", []byte(`{"message":7}`), message.Headers(), "message.data"},
		{"data that is not base64", []byte(`{"message":{"data":"eyJleHByZXNzaW9uIjp7fX0*"}}`), message.Headers(), "message.data"},
		{"an envelope that is not JSON", []byte(`{"message":`), message.Headers(), "not valid JSON"},
		{"no data at all", nil, append(source, "Ce-Type", "custom.request"), "empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := d.counts()
			answer, err := d.event.Send("POST", "/", tc.body, tc.headers...)
			if err != nil {
				t.Fatal(err)
			}
			got := d.counts().since(before)
			if !answer.Acknowledged() {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			if tc.failure == "" {
				if got.published != 1 || got.failures != 0 {
					t.Errorf("led to %+v", got)
				}
				return
			}
			if got != (counts{failures: 1}) {
				t.Fatalf("led to %+v", got)
			}
			failure := d.last(t, "failures")
			if !strings.Contains(failure.Attributes["message"], tc.failure) {
				t.Errorf("message %q", failure.Attributes["message"])
			}
			if !bytes.Equal(failure.Data, tc.body) {
				t.Errorf("data %s, want what was received: %s", failure.Data, tc.body)
			}
		})
	}
}

func TestPlaceholdersTakeTheTimeOfTheSchedule(t *testing.T) {
	d := deploy(t, nil)
	body := fields{"description": `"{date} {time} {other}"`, "assetExportOptions": asset("projects/my-project/assets/rf_{time}")["assetExportOptions"]}.body()
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
			if answer := d.http.Post(t, "/", body, tc.headers...); answer.Code != 200 {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			requests := d.ee.Requests()
			sent := string(requests[len(requests)-1].Body)
			if !strings.Contains(sent, `assets/rf_`+tc.want) || !strings.Contains(sent, tc.want[:8]+" "+tc.want) || !strings.Contains(sent, "{other}") {
				t.Errorf("sent %s, want %s", sent, tc.want)
			}
		})
	}
}

func TestValidateOnlyDoesAllButSubmitAndPublish(t *testing.T) {
	d := deploy(t, nil)
	for _, tc := range []struct {
		name  string
		query string
		body  []byte
		code  int
	}{
		{"a good request", "?validateOnly=true", fields{}.body(), 200},
		{"an invalid one", "?validateOnly=true", fields{"priority": "-1"}.body(), 400},
		{"one that is not allowed", "?validateOnly=true", asset("projects/other/assets/x").body(), 403},
		{"a value that is no boolean", "?validateOnly=maybe", fields{}.body(), 400},
		{"no value", "?validateOnly", fields{}.body(), 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, path := range []string{"/", "/v1/projects/my-project/classifier:export"} {
				answer := d.http.Post(t, path+tc.query, tc.body)
				if answer.Code != tc.code || tc.code == 200 && string(answer.Body) != "{}" {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
			}
		})
	}
	if got := d.counts(); got != (counts{}) {
		t.Errorf("led to %+v", got)
	}
	if answer := d.http.Post(t, "/?validateOnly=false", fields{}.body()); answer.Code != 200 || d.counts().published != 1 {
		t.Errorf("validateOnly=false: %d %+v", answer.Code, d.counts())
	}
}

func TestHTTPDoor(t *testing.T) {
	d := deploy(t, map[string]string{"MAX_REQUEST_BYTES": "2000"})
	good := fields{}.body()
	t.Run("only POST", func(t *testing.T) {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			answer, err := d.http.Send(method, "/", good)
			if err != nil || answer.Code != 405 || answer.Header.Get("Allow") != "POST" || answer.Error().Status != "INVALID_ARGUMENT" {
				t.Errorf("%s: %v %+v", method, err, answer)
			}
		}
	})
	t.Run("a body of unknown length is bounded too", func(t *testing.T) {
		for _, tc := range []struct{ size, code int }{{2000, 200}, {2001, 413}} {
			body := fields{"extra": `""`}.body()
			body = bytes.Replace(body, []byte(`,"extra":""`), bytes.Repeat([]byte(" "), tc.size-len(body)+len(`,"extra":""`)), 1)
			req, err := http.NewRequest("POST", d.http.URL, struct{ io.Reader }{bytes.NewReader(body)})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tc.code {
				t.Errorf("%d bytes: %d", tc.size, resp.StatusCode)
			}
		}
	})
	t.Run("compressed bodies are refused", func(t *testing.T) {
		answer := d.http.Post(t, "/", good, "Content-Encoding", "gzip")
		if answer.Code != 400 || !slices.Contains(answer.Error().Fields(), "Content-Encoding") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("quota and unavailability tell when to come back", func(t *testing.T) {
		for fault, want := range map[string]eetest.Fault{
			"77": {Status: 429, RetryAfter: "77"},
			"30": {Status: 400, Message: "Too many tasks already in the queue (3000)."},
			"10": {Status: 503, Times: 5},
		} {
			d.ee.ClearFaults()
			d.ee.Inject(want)
			answer := d.http.Post(t, "/", good)
			var delay string
			for _, detail := range answer.Error().Details {
				delay += detail.RetryDelay
			}
			if answer.Header.Get("Retry-After") != fault || delay != fault+"s" {
				t.Errorf("Retry-After %q, retryDelay %q, want %s", answer.Header.Get("Retry-After"), delay, fault)
			}
		}
	})
	t.Run("an Operation that is not published is named, and published by the retry", func(t *testing.T) {
		d.ee.ClearFaults()
		d.ps.Inject(handlertest.PublishFault{Topic: "operations", Status: status.New(codes.NotFound, "")})
		before := d.counts()
		answer := d.http.Post(t, "/", good)
		var metadata map[string]string
		for _, detail := range answer.Error().Details {
			if detail.Reason == "OPERATION_NOT_PUBLISHED" {
				metadata = detail.Metadata
			}
		}
		if _, ok := d.ee.Operation(metadata["operation"]); !ok || metadata["requestId"] == "" {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		answer = d.http.Post(t, "/", fields{"requestId": `"` + metadata["requestId"] + `"`}.body())
		if answer.Code != 200 || answer.Name() != metadata["operation"] || d.counts().since(before) != (counts{calls: 2, started: 1, published: 1}) {
			t.Errorf("%d %s, %+v", answer.Code, answer.Body, d.counts().since(before))
		}
	})
}

func TestAWrongConfigurationIsReportedInFullAndServesNothing(t *testing.T) {
	d := deploy(t, map[string]string{"OPERATIONS_TOPIC": "", "FAILURES_TOPIC": "x", "ALLOWED_PROJECTS": "UPPER", "ALLOWED_ASSETS": "assets",
		"EXPRESSION_CHECK": "lenient", "MAX_REQUEST_BYTES": "-5", "EARTHENGINE_ENDPOINT": "nowhere", "EARTHENGINE_EMULATOR_HOST": "http://x"})
	// Both have been served nothing so far.
	for _, fn := range []*handlertest.Function{d.http, d.event} {
		for _, name := range []string{"OPERATIONS_TOPIC", "FAILURES_TOPIC", "ALLOWED_PROJECTS", "ALLOWED_ASSETS", "EXPRESSION_CHECK", "MAX_REQUEST_BYTES", "EARTHENGINE_ENDPOINT", "EARTHENGINE_EMULATOR_HOST"} {
			if !strings.Contains(fn.Log(), name) {
				t.Errorf("the log does not name %s: %s", name, fn.Log())
			}
		}
	}
	for _, door := range doors {
		answer := door.send(d, t, "1", fields{}.body())
		if e := answer.Error(); answer.Code != 500 || e.Status != "INTERNAL" || strings.Contains(string(answer.Body), "TOPIC") {
			t.Errorf("%s: %d %s", door.name, answer.Code, answer.Body)
		}
	}
	if got := d.counts(); got != (counts{}) {
		t.Errorf("led to %+v", got)
	}
}

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  func(t *testing.T, ee *eetest.Server) map[string]string
	}{
		{"a service account's key file", func(t *testing.T, ee *eetest.Server) map[string]string {
			key := filepath.Join(t.TempDir(), "key.json")
			if err := os.WriteFile(key, ee.ServiceAccountKey("my-project"), 0o600); err != nil {
				t.Fatal(err)
			}
			return map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": key}
		}},
		{"the metadata server", func(t *testing.T, ee *eetest.Server) map[string]string {
			return map[string]string{"GCE_METADATA_HOST": eetest.NewMetadataServer(ee, "my-project").Host()}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ee := eetest.NewServer()
			defer ee.Close()
			env := tc.env(t, ee)
			// The credentials name the project.
			maps.Copy(env, map[string]string{"GOOGLE_CLOUD_PROJECT": "", "EARTHENGINE_EMULATOR_HOST": "", "EARTHENGINE_ENDPOINT": ee.URL})
			ps := handlertest.NewPubSub(t, "operations")
			fn := handlertest.Start(t, "ExportClassifier", handlertest.With(handlertest.Env(ee, ps), env))
			for range 2 {
				if answer := fn.Post(t, "/", fields{}.body()); answer.Code != 200 {
					t.Fatalf("%d %s", answer.Code, answer.Body)
				}
			}
			if got := ee.TokensIssued(); got != 1 {
				t.Errorf("%d tokens for two exports", got)
			}
			if strings.Contains(fn.Log(), "ya29") || strings.Contains(fn.Log(), "PRIVATE KEY") {
				t.Error("a credential is in the log")
			}
		})
	}
}

func TestWebhookSignatures(t *testing.T) {
	key := func(fill byte) string {
		return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 24))
	}
	d := deploy(t, map[string]string{"WEBHOOK_SECRET": key(1) + "  " + key(2), "FAILURES_TOPIC": ""})
	body := fields{}.body()
	now := time.Now()
	sign := func(secret string, at time.Time, body []byte) []string {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := w.Sign("msg_1", at, body)
		if err != nil {
			t.Fatal(err)
		}
		return []string{"webhook-id", "msg_1", "webhook-timestamp", fmt.Sprint(at.Unix()), "webhook-signature", signature}
	}
	good := sign(key(1), now, body)
	for _, tc := range []struct {
		name    string
		body    []byte
		headers []string
		code    int
	}{
		{"the first secret", body, good, 200},
		{"the second secret, while rotating", body, sign(key(2), now, body), 200},
		{"a good signature among others", body, append(slices.Clone(good[:5]), "v1,AAAA v1a,BBBB "+good[5]), 200},
		{"four minutes old", body, sign(key(1), now.Add(-4*time.Minute), body), 200},
		{"six minutes old", body, sign(key(1), now.Add(-6*time.Minute), body), 401},
		{"six minutes early", body, sign(key(1), now.Add(6*time.Minute), body), 401},
		{"another secret", body, sign(key(3), now, body), 401},
		{"another body", fields{"priority": "1"}.body(), good, 401},
		{"another time", body, append(append(slices.Clone(good[:3]), fmt.Sprint(now.Unix()-1)), good[4:]...), 401},
		{"another ID", body, append([]string{"webhook-id", "msg_2"}, good[2:]...), 401},
		{"another version", body, append(slices.Clone(good[:5]), strings.Replace(good[5], "v1,", "v2,", 1)), 401},
		{"no signature", body, nil, 401},
		{"an empty signature", body, append(slices.Clone(good[:5]), ""), 401},
		{"a time that is no number", body, append(append(slices.Clone(good[:3]), "now"), good[4:]...), 401},
		{"no signature, and no JSON: the signature goes first", []byte("{"), nil, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := d.counts()
			answer := d.http.Post(t, "/", tc.body, tc.headers...)
			if answer.Code != tc.code || tc.code == 401 && (answer.Error().Status != "UNAUTHENTICATED" || d.counts() != before) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
	t.Run("a webhook that is sent again reaches one Operation", func(t *testing.T) {
		later := sign(key(2), now.Add(time.Minute), body)
		if a, b := d.http.Post(t, "/", body, good...), d.http.Post(t, "/", body, later...); a.Name() == "" || a.Name() != b.Name() {
			t.Errorf("%s and %s", a.Name(), b.Name())
		}
	})
	t.Run("an unsigned request is not told apart by its path", func(t *testing.T) {
		if answer := d.http.Post(t, "/v9/projects/x/classifier:export?validateOnly=x", body); answer.Code != 401 {
			t.Errorf("%d", answer.Code)
		}
	})
	t.Run("events need none", func(t *testing.T) {
		if answer := d.event.Deliver(t, handlertest.Message{ID: "1", Data: body}); !answer.Acknowledged() {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	if log := d.http.Log(); strings.Contains(log, "whsec_") || strings.Contains(log, good[5]) {
		t.Error("a secret or a signature is in the log")
	}
}

// TestAlreadyExists is about an Earth Engine that refuses a repeated request ID
// instead of answering with its Operation.
func TestAlreadyExists(t *testing.T) {
	d := deploy(t, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "5"}, eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
	at := time.Now().UTC().Format(time.RFC3339)
	for _, door := range doors {
		t.Run("the answer was lost: the Operation is found/"+door.name, func(t *testing.T) {
			d.ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})
			before := d.counts()
			answer := door.send(d, t, t.Name(), fields{"description": strconv.Quote(t.Name())}.body())
			if got := d.counts().since(before); answer.Code != 200 || got != (counts{calls: 2, started: 1, published: 1}) {
				t.Errorf("%d %s, led to %+v", answer.Code, answer.Body, got)
			}
			started := d.ee.Operations()
			if got := d.last(t, "operations").Attributes["operation"]; got != started[len(started)-1].Name {
				t.Errorf("published %s", got)
			}
		})
	}
	t.Run("a redelivery finds it among others", func(t *testing.T) {
		m := handlertest.Message{ID: "e1", Data: fields{"description": `"the one"`}.body(), PublishTime: at}
		d.event.Deliver(t, handlertest.Message{ID: "e0", Data: fields{"description": `"another"`}.body(), PublishTime: at})
		d.event.Deliver(t, m)
		first := d.last(t, "operations").Attributes["operation"]
		if answer := d.event.Deliver(t, m); !answer.Acknowledged() || d.last(t, "operations").Attributes["operation"] != first {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("where several would do, none is named and none started", func(t *testing.T) {
		body := fields{"description": `"twins"`}.body()
		d.event.Deliver(t, handlertest.Message{ID: "t1", Data: body, PublishTime: at})
		d.event.Deliver(t, handlertest.Message{ID: "t2", Data: body, PublishTime: at})
		before := d.counts()
		answer := d.event.Deliver(t, handlertest.Message{ID: "t1", Data: body, PublishTime: at})
		if got := d.counts().since(before); !answer.Acknowledged() || got != (counts{calls: 1, failures: 1}) || d.last(t, "failures").Attributes["reason"] != "DUPLICATE_REQUEST" {
			t.Errorf("%d %s, led to %+v", answer.Code, answer.Body, got)
		}
	})
	t.Run("where none is found, none is started", func(t *testing.T) {
		d.ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Status: 409, Code: "ALREADY_EXISTS"})
		before := d.counts()
		answer := d.http.Post(t, "/", fields{"description": `"never seen"`}.body())
		if e := answer.Error(); answer.Code != 409 || e.Status != "ALREADY_EXISTS" || e.Reason() != "DUPLICATE_REQUEST" || d.counts().since(before).started != 0 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("where the list is refused, the Operation is still not given up for refused", func(t *testing.T) {
		d.ee.Inject(eetest.Fault{Method: eetest.ListOperations, Status: 403})
		m := handlertest.Message{ID: "e1", Data: fields{"description": `"the one"`}.body(), PublishTime: at}
		if answer := d.event.Deliver(t, m); !answer.Acknowledged() || d.last(t, "failures").Attributes["reason"] != "DUPLICATE_REQUEST" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("where neither a description nor a time tells, none is named", func(t *testing.T) {
		body := fields{"requestId": `"untold"`}.body()
		d.http.Post(t, "/", body)
		if answer := d.http.Post(t, "/", body); answer.Code != 409 || answer.Error().Reason() != "DUPLICATE_REQUEST" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("where the list cannot be had, the sender tries again", func(t *testing.T) {
		d.ee.Inject(eetest.Fault{Method: eetest.ListOperations, Status: 503, Times: 5})
		m := handlertest.Message{ID: "e1", Data: fields{"description": `"the one"`}.body(), PublishTime: at}
		if answer := d.event.Deliver(t, m); answer.Code != 503 {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if answer := d.event.Deliver(t, m); !answer.Acknowledged() {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}

// TestASlowSenderIsNotWaitedForWithoutEnd is about bodies that stop arriving.
func TestASlowSenderIsNotWaitedForWithoutEnd(t *testing.T) {
	d := deploy(t, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "1"})
	for _, tc := range []struct{ head, want string }{
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", "HTTP/1.1 504 "},
		{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", "HTTP/1.1 405 "},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.http.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, tc.head); err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), tc.want) {
			t.Errorf("%v %.100s, want %s", err, answer, tc.want)
		}
	}
}

func TestEarthEnginesOwnDetailsArePassedOn(t *testing.T) {
	d := deploy(t, nil)
	d.ee.Inject(eetest.Fault{Status: 400, Body: `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"bad","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"expression","description":"no"}]},{"@type":"type.googleapis.com/google.rpc.DebugInfo","detail":"stack"}]}}`})
	answer := d.http.Post(t, "/", fields{}.body())
	if e := answer.Error(); answer.Code != 400 || !slices.Equal(e.Fields(), []string{"expression"}) || bytes.Contains(answer.Body, []byte("stack")) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	d.ee.Inject(eetest.Fault{Status: 429, Body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow down","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"76.5s"}]}}`})
	if answer := d.http.Post(t, "/", fields{}.body()); answer.Code != 429 || answer.Header.Get("Retry-After") != "77" {
		t.Errorf("%d %s", answer.Code, answer.Header)
	}
}

func TestACallerThatHangsUpDoesNotAbortWhatIsUnderWay(t *testing.T) {
	d := deploy(t, nil)
	d.ee.Inject(eetest.Fault{Started: true, Delay: 300 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", d.http.URL, bytes.NewReader(fields{}.body()))
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Fatal("the caller got an answer")
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if d.counts().published == 1 {
			return
		}
	}
	t.Errorf("%+v", d.counts())
}

// TestNoLogOrAnswerSpoils is about texts that mean something to a formatter, and
// about what must not be told.
func TestNoLogOrAnswerSpoils(t *testing.T) {
	d := deploy(t, map[string]string{"FAILURES_TOPIC": ""})
	body := fields{}
	body["extra"] = `"secret-in-the-body","%d%s%!n":1`
	answer := d.event.Deliver(t, handlertest.Message{ID: "%s%d", Data: body.body()})
	if answer.Code != 400 || !strings.Contains(answer.Error().Message, `extra`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if all := string(answer.Body) + d.event.Log(); strings.Contains(all, "MISSING") || strings.Contains(all, "EXTRA") || strings.Contains(all, "secret-in-the-body") {
		t.Errorf("spoiled, or told: %s", all)
	}
	if !slices.Contains(answer.Error().Fields(), `"%d%s%!n"`) {
		t.Errorf("fields %q", answer.Error().Fields())
	}
}
