package eetest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/rpcstatus"
)

func TestExportRequestIsRead(t *testing.T) {
	const dest = "assetExportOptions.earthEngineDestination"
	tests := []struct {
		name   string
		body   string
		fields []string // that are wrong; nil if the request is accepted
		says   string
	}{
		{name: "the smallest request is accepted", body: request()},
		{name: "snake_case names are accepted", body: `{"expression":{"result":"0","values":{"0":{}}},"request_id":"a","workload_tag":"w",` +
			`"asset_export_options":{"earth_engine_destination":{"name":"projects/p/assets/a"}}}`},
		{name: "null is unset", body: request(`{"description":null,"requestId":null,"priority":null,"workloadTag":null,"project":null}`)},
		{name: "the URL's project may be repeated in the body", body: request(`{"project":"projects/p"}`)},
		{name: "another project than the URL's is refused", body: request(`{"project":"projects/q"}`), fields: []string{"project"}},

		{name: "an expression is required", body: request(`{"expression":null}`), fields: []string{"expression"}, says: "Required"},
		{name: "an expression must be an object", body: request(`{"expression":"x"}`), fields: []string{"expression"}, says: "Invalid value"},
		{name: "an expression needs result and values", body: request(`{"expression":{}}`), fields: []string{"expression.result", "expression.values"}},
		{name: "an expression's result must name a value", body: request(`{"expression":{"result":"1","values":{"0":{}}}}`), fields: []string{"expression.result"}},
		{name: "an expression may have its result last", body: request(`{"expression":{"values":{"0":{}},"result":"0"}}`)},
		{name: "an expression has no other fields", body: request(`{"expression":{"result":"0","values":{"0":{}},"extra":{"deep":[1,2]}}}`), fields: []string{"expression"}, says: `Unknown name "extra" at 'expression'`},

		{name: "asset options are required", body: request(`{"assetExportOptions":null}`), fields: []string{"assetExportOptions"}},
		{name: "a destination is required", body: request(`{"assetExportOptions":{}}`), fields: []string{dest}},
		{name: "a destination needs a name", body: request(`{"assetExportOptions":{"earthEngineDestination":{}}}`), fields: []string{dest + ".name"}},
		{name: "an asset may lie in folders", body: toAsset("x/y/z-1_2")},
		{name: "an asset outside projects is refused", body: request(`{"assetExportOptions":{"earthEngineDestination":{"name":"users/someone/rf"}}}`), fields: []string{dest + ".name"}},
		{name: "overwrite must be a boolean", body: request(`{"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":"true"}}}`), fields: []string{dest + ".overwrite"}},

		{name: "a request ID of 60 characters is accepted", body: request(`{"requestId":` + repeat(60) + `}`)},
		{name: "a request ID of 61 characters is refused", body: request(`{"requestId":` + repeat(61) + `}`), fields: []string{"requestId"}},
		{name: "a request ID with an underscore is refused", body: request(`{"requestId":"a_b"}`), fields: []string{"requestId"}},
		{name: "a request ID that is a number is refused", body: request(`{"requestId":1}`), fields: []string{"requestId"}, says: "TYPE_STRING"},

		{name: "priority 0 is accepted", body: request(`{"priority":0}`)},
		{name: "priority 9999 is accepted", body: request(`{"priority":9999}`)},
		{name: "a priority as a string is accepted", body: request(`{"priority":"7"}`)},
		{name: "a priority with an exponent is accepted", body: request(`{"priority":1e2}`)},
		{name: "a priority as the Python client wraps it is accepted", body: request(`{"priority":{"value":5}}`)},
		{name: "a negative priority is refused", body: request(`{"priority":-1}`), fields: []string{"priority"}, says: "range"},
		{name: "a priority above the range is refused", body: request(`{"priority":"10000"}`), fields: []string{"priority"}, says: "range"},
		{name: "a fraction is not a priority", body: request(`{"priority":1.5}`), fields: []string{"priority"}, says: "TYPE_INT32"},
		{name: "a word is not a priority", body: request(`{"priority":"high"}`), fields: []string{"priority"}, says: "TYPE_INT32"},
		{name: "a number that only Go knows is not a priority", body: request(`{"priority":"0x10"}`), fields: []string{"priority"}},
		{name: "an enormous priority is refused", body: request(`{"priority":1e999999999}`), fields: []string{"priority"}},
		{name: "a boolean is not a priority", body: request(`{"priority":true}`), fields: []string{"priority"}},
		{name: "a wrapped priority has no other fields", body: request(`{"priority":{"value":5,"unit":1}}`), fields: []string{"priority"}},

		{name: "a workload tag of 63 characters is accepted", body: request(`{"workloadTag":` + repeat(63) + `}`)},
		{name: "a workload tag of 64 characters is refused", body: request(`{"workloadTag":` + repeat(64) + `}`), fields: []string{"workloadTag"}},
		{name: "a workload tag may be empty", body: request(`{"workloadTag":""}`)},
		{name: "a workload tag must not end with a hyphen", body: request(`{"workloadTag":"a-"}`), fields: []string{"workloadTag"}},
		{name: "a workload tag has no capitals", body: request(`{"workloadTag":"A"}`), fields: []string{"workloadTag"}},

		{name: "an unknown field is refused", body: request(`{"colour":1}`), fields: []string{""}, says: `Unknown name "colour": Cannot find field.`},
		{name: "an unknown field is refused though it is null", body: request(`{"colour":null}`), fields: []string{""}},
		{name: "every violation is reported at once", body: request(`{"requestId":"_","priority":-1,"workloadTag":"-","assetExportOptions":null}`),
			fields: []string{"requestId", "assetExportOptions", "workloadTag", "priority"}},
		{name: "a duplicate key is refused", body: `{"requestId":"a","requestId":"b"}`, fields: []string{""}, says: "duplicate"},
		{name: "a field in both spellings is refused", body: request(`{"request_id":"a","requestId":"b"}`), fields: []string{"requestId"}, says: "already set"},
		{name: "a list is not a request", body: `[]`, fields: []string{""}, says: "Invalid value"},
		{name: "an empty body is not a request", body: ``, fields: []string{""}, says: "Invalid JSON payload"},
		{name: "half a request is refused", body: request()[:40], fields: []string{""}, says: "Invalid JSON payload"},
		{name: "trailing data is refused", body: request() + `{}`, fields: []string{""}, says: "Invalid JSON payload"},
		{name: "invalid UTF-8 is refused", body: "{\"description\":\"\xff\"}", fields: []string{""}, says: "Invalid JSON payload"},
	}
	s := newTestServer(t, WithQuotas(Quotas{RequestsPerSecond: -1}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(s.Operations())
			res := do(t, "POST", s.URL+exportPath, tt.body)
			if tt.fields == nil {
				res.operation(t)
				return
			}
			e := res.error(t)
			if e.Code != http.StatusBadRequest || e.Status != "INVALID_ARGUMENT" {
				t.Errorf("%d %s, want 400 INVALID_ARGUMENT", e.Code, e.Status)
			}
			wrong := func(v rpcstatus.FieldViolation, field string) bool { return v.Field == field }
			if got := e.Details.FieldViolations(); !slices.EqualFunc(got, tt.fields, wrong) {
				t.Errorf("wrong fields %q, want %q", got, tt.fields)
			}
			if !strings.Contains(e.Message, tt.says) {
				t.Errorf("message %q does not say %q", e.Message, tt.says)
			}
			if len(s.Operations()) != before {
				t.Error("a refused request has started an Operation")
			}
		})
	}
}

// The official client's own requests are accepted as they are.
func TestRealRequestsAreAccepted(t *testing.T) {
	s := newTestServer(t)
	for _, name := range requests.Names() {
		t.Run(name, func(t *testing.T) {
			body := requests.Get(name)
			res := do(t, "POST", s.URL+"/v1beta/projects/my-project/classifier:export", string(body))
			op, ok := s.Operation(res.operation(t).Name)
			if !ok || string(op.Body) != string(body) {
				t.Errorf("recorded %d bytes of %d", len(op.Body), len(body))
			}
		})
	}
}
