package eeexport_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	_ "example.com/eeexport"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// svm is an expression that Earth Engine cannot export.
const svm = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.libsvm","arguments":{}}}}}`

// TestOutcomes is the contract's table of answers, through both doors.
func TestOutcomes(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"MAX_REQUEST_BYTES": "20000", "CLOUD_RUN_TIMEOUT_SECONDS": "4"})
	good := handlertest.Fields{}.Body()
	notFound := status.New(codes.NotFound, "topic")
	refused := status.New(codes.PermissionDenied, "publish")
	ok := handlertest.Counts{Calls: 1, Started: 1, Published: 1}
	retried := handlertest.Counts{Calls: 2, Started: 1, Published: 1}
	refusedEvent := handlertest.Counts{Calls: 1, Failures: 1} // of an event; HTTP publishes nothing
	failed := handlertest.Counts{Failures: 1}                 // likewise
	for _, tc := range []struct {
		name   string
		body   []byte
		ee     []eetest.Fault
		ps     []handlertest.Fault
		code   int
		status string
		reason string
		want   handlertest.Counts
	}{
		{name: "a good request is exported", body: good, code: 200, want: ok},

		{name: "a body that is not JSON is invalid", body: []byte("{"), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "a request that breaks a rule is invalid", body: handlertest.Fields{"priority": "10000"}.Body(), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "a classifier that cannot be exported is invalid", body: handlertest.Fields{"expression": svm}.Body(), code: 400, status: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", want: failed},
		{name: "another project is not allowed", body: handlertest.Fields{"project": `"projects/other"`}.Body(), code: 403, status: "PERMISSION_DENIED", reason: "PROJECT_NOT_ALLOWED", want: failed},
		{name: "another project's asset is not allowed", body: handlertest.Asset("projects/other/assets/rf").Body(), code: 403, status: "PERMISSION_DENIED", reason: "ASSET_NOT_ALLOWED", want: failed},
		{name: "a request that is too large is refused", body: handlertest.Fields{"description": `"` + strings.Repeat("x", 20_000) + `"`}.Body(), code: 413, status: "INVALID_ARGUMENT", reason: "REQUEST_TOO_LARGE", want: failed},

		{name: "Earth Engine's 400 is passed on", body: good, ee: []eetest.Fault{{Status: 400}}, code: 400, status: "INVALID_ARGUMENT", reason: "EARTH_ENGINE_REFUSED", want: refusedEvent},
		{name: "Earth Engine's 403 is passed on", body: good, ee: []eetest.Fault{{Status: 403}}, code: 403, status: "PERMISSION_DENIED", reason: "EARTH_ENGINE_REFUSED", want: refusedEvent},
		{name: "Earth Engine's 404 is passed on", body: good, ee: []eetest.Fault{{Status: 404}}, code: 404, status: "NOT_FOUND", reason: "EARTH_ENGINE_REFUSED", want: refusedEvent},
		{name: "an asset that exists is a refusal", body: good, ee: []eetest.Fault{{Status: 409, Code: "ALREADY_EXISTS", Message: "Asset projects/my-project/assets/rf already exists."}}, code: 409, status: "ALREADY_EXISTS", reason: "EARTH_ENGINE_REFUSED", want: refusedEvent},

		{name: "401 once is retried with a new token", body: good, ee: []eetest.Fault{{Status: 401}}, code: 200, want: retried},
		{name: "401 twice is the deployment's fault", body: good, ee: []eetest.Fault{{Status: 401, Times: 2}}, code: 503, status: "UNAVAILABLE", reason: "DEPLOYMENT_NOT_ACCEPTED", want: handlertest.Counts{Calls: 2}},
		{name: "a disabled API is the deployment's fault", body: good, ee: []eetest.Fault{{Status: 403, Reason: "SERVICE_DISABLED"}}, code: 503, status: "UNAVAILABLE", reason: "DEPLOYMENT_NOT_ACCEPTED", want: handlertest.Counts{Calls: 1}},
		{name: "a missing role is the deployment's fault", body: good, ee: []eetest.Fault{{Status: 403, Reason: "IAM_PERMISSION_DENIED", Domain: "earthengine.googleapis.com", Metadata: map[string]string{"permission": "earthengine.exports.create", "resource": "projects/my-project"}}}, code: 503, status: "UNAVAILABLE", reason: "DEPLOYMENT_NOT_ACCEPTED", want: handlertest.Counts{Calls: 1}},

		{name: "a proxy's 403 page is nobody's fault", body: good, ee: []eetest.Fault{{Status: 403, Body: "<html>no</html>"}}, code: 200, want: retried},
		{name: "408 is nobody's fault", body: good, ee: []eetest.Fault{{Status: 408}}, code: 200, want: retried},
		{name: "ABORTED is nobody's fault", body: good, ee: []eetest.Fault{{Status: 409, Code: "ABORTED"}}, code: 200, want: retried},
		{name: "a refusal after a lost answer leaves the outcome unknown", body: good, ee: []eetest.Fault{{Reset: eetest.AfterStart}, {Status: 403}}, code: 503, status: "UNAVAILABLE", reason: "OUTCOME_UNKNOWN", want: handlertest.Counts{Calls: 2, Started: 1}},

		{name: "a legacy rateLimitExceeded is the quota", body: good, ee: []eetest.Fault{{Status: 403, LegacyReason: "rateLimitExceeded", Times: -1}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: handlertest.Counts{Calls: 5}},
		{name: "a daily limit is the quota, and is not retried", body: good, ee: []eetest.Fault{{Status: 403, Message: "The project has exceeded the custom quota for EECU-time per day."}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: handlertest.Counts{Calls: 1}},
		{name: "429 on every attempt is the quota", body: good, ee: []eetest.Fault{{Status: 429, Times: -1}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: handlertest.Counts{Calls: 5}},
		{name: "429 with a long Retry-After is passed on at once", body: good, ee: []eetest.Fault{{Status: 429, RetryAfter: "77", Times: -1}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: handlertest.Counts{Calls: 1}},
		{name: "a full queue is the quota, whatever its status", body: good, ee: []eetest.Fault{{Status: 400, Message: "Too many tasks already in the queue (3000). Please wait for some of them to complete."}}, code: 429, status: "RESOURCE_EXHAUSTED", reason: "EARTH_ENGINE_QUOTA", want: handlertest.Counts{Calls: 1}},
		{name: "429 once is retried", body: good, ee: []eetest.Fault{{Status: 429}}, code: 200, want: retried},

		{name: "503 on every attempt is unavailable", body: good, ee: []eetest.Fault{{Status: 503, Times: -1}}, code: 503, status: "UNAVAILABLE", reason: "EARTH_ENGINE_UNAVAILABLE", want: handlertest.Counts{Calls: 5}},
		{name: "500 once is retried", body: good, ee: []eetest.Fault{{Status: 500}}, code: 200, want: retried},
		{name: "a reset before the start is retried", body: good, ee: []eetest.Fault{{Reset: eetest.BeforeStart}}, code: 200, want: retried},
		{name: "a reset after the start is retried", body: good, ee: []eetest.Fault{{Reset: eetest.AfterStart}}, code: 200, want: retried},
		{name: "an answer cut short is retried", body: good, ee: []eetest.Fault{{Truncate: true}}, code: 200, want: retried},
		{name: "an answer that is not JSON is retried", body: good, ee: []eetest.Fault{{Started: true, Status: 200, Body: "<html>"}}, code: 200, want: retried},
		{name: "an Operation without a name is retried", body: good, ee: []eetest.Fault{{Started: true, Status: 200, Body: `{"metadata":{}}`}}, code: 200, want: retried},
		{name: "a call that hangs once is retried", body: good, ee: []eetest.Fault{{Delay: time.Minute}}, code: 200, want: retried},
		{name: "a call that always hangs exceeds the deadline", body: good, ee: []eetest.Fault{{Delay: time.Minute, Times: -1}}, code: 504, status: "DEADLINE_EXCEEDED", reason: "DEADLINE_EXCEEDED", want: handlertest.Counts{Calls: 3}},

		{name: "a missing topic leaves the Operation unpublished", body: good, ps: []handlertest.Fault{{On: "operations", Status: notFound}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: handlertest.Counts{Calls: 1, Started: 1}},
		{name: "a publish that is refused leaves the Operation unpublished", body: good, ps: []handlertest.Fault{{On: "operations", Status: refused}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: handlertest.Counts{Calls: 1, Started: 1}},
		{name: "a publish that is unavailable once is retried", body: good, ps: []handlertest.Fault{{On: "operations", Status: status.New(codes.Unavailable, "")}}, code: 200, want: ok},
		{name: "a publish that is unavailable on every attempt leaves the Operation unpublished", body: good, ps: []handlertest.Fault{{On: "operations", Status: status.New(codes.Unavailable, ""), Times: -1}}, code: 503, status: "UNAVAILABLE", reason: "OPERATION_NOT_PUBLISHED", want: handlertest.Counts{Calls: 1, Started: 1}},
	} {
		for _, door := range handlertest.Doors {
			t.Run(tc.name+"/"+door.Name, func(t *testing.T) {
				d.EE.ClearFaults()
				d.PubSub.ClearFaults()
				d.EE.Inject(tc.ee...)
				d.PubSub.Inject(tc.ps...)
				before := d.Counts()
				answer := door.Send(d, t, t.Name(), tc.body)
				got, want := d.Counts().Since(before), tc.want

				code := tc.code
				switch {
				case door.Name == "http":
					want.Failures = 0
				case tc.want.Failures > 0:
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
				if want.Failures > 0 {
					attributes := d.Last(t, "failures").Attributes
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
	for _, door := range handlertest.Doors {
		t.Run(door.Name, func(t *testing.T) {
			d := handlertest.Deploy(t, map[string]string{"ALLOWED_ASSETS": "*", "EXPRESSION_CHECK": "structure"})
			for _, file := range files {
				body := requests.Get(file)
				answer := door.Send(d, t, file, body)
				if answer.Code != http.StatusOK {
					t.Fatalf("%s: %d %s", file, answer.Code, answer.Body)
				}
				requests := d.EE.Requests()
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
			if got := d.Counts(); got.Started != len(files) || got.Published != len(files) {
				t.Errorf("%+v for %d requests", got, len(files))
			}
		})
	}
}

func TestAWrongConfigurationIsReportedInFullAndServesNothing(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"OPERATIONS_TOPIC": "", "FAILURES_TOPIC": "x", "ALLOWED_PROJECTS": "UPPER", "ALLOWED_ASSETS": "assets",
		"EXPRESSION_CHECK": "lenient", "MAX_REQUEST_BYTES": "-5", "EARTHENGINE_ENDPOINT": "nowhere", "EARTHENGINE_EMULATOR_HOST": "http://x"})
	// Neither has served a request so far.
	for _, fn := range []*handlertest.Function{d.HTTP, d.Event} {
		fn.AwaitLine(t, "OPERATIONS_TOPIC", "FAILURES_TOPIC", "ALLOWED_PROJECTS", "ALLOWED_ASSETS",
			"EXPRESSION_CHECK", "MAX_REQUEST_BYTES", "EARTHENGINE_ENDPOINT", "EARTHENGINE_EMULATOR_HOST")
	}
	for _, door := range handlertest.Doors {
		answer := door.Send(d, t, "1", handlertest.Fields{}.Body())
		if e := answer.Error(); answer.Code != 500 || e.Status != "INTERNAL" || strings.Contains(string(answer.Body), "TOPIC") {
			t.Errorf("%s: %d %s", door.Name, answer.Code, answer.Body)
		}
	}
	if got := d.Counts(); got != (handlertest.Counts{}) {
		t.Errorf("led to %+v", got)
	}
}
