package request

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/expression"
)

const cart = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}}`

const destination = `"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a"}}`

// open is an expression whose argument a is open.
const open = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{"maxNodes":{"argumentReference":"a"}}}}}}`

// with returns a good request with more members.
func with(members string) string {
	return `{"expression":` + cart + `,` + destination + `,` + members + `}`
}

// check reads a request as both doors do.
func check(body []byte, level expression.Level, at time.Time) (*Request, []eeclient.FieldViolation) {
	r, found := Read(body, Options{Check: level, Time: at})
	return r, found.List
}

func TestRead(t *testing.T) {
	overwrite := func(b bool) *bool { return &b }
	priority := func(n int32) *int32 { return &n }
	for _, tc := range []struct {
		name string
		body string
		want func(*Request)
	}{
		{"the least", with(`"description":""`), func(r *Request) {}},
		{"all fields", with(`"project":"projects/p1","description":"d","requestId":"r-1","workloadTag":"w_1","priority":7`), func(r *Request) {
			r.Project, r.Description, r.RequestID, r.WorkloadTag, r.Priority = "projects/p1", "d", "r-1", "w_1", priority(7)
		}},
		{"snake_case", `{"expression":` + cart + `,"asset_export_options":{"earth_engine_destination":{"name":"projects/p/assets/a","overwrite":true}},"request_id":"r","workload_tag":"w"}`, func(r *Request) {
			r.RequestID, r.WorkloadTag, r.Destination.Overwrite = "r", "w", overwrite(true)
		}},
		{"null is unset", with(`"project":null,"description":null,"requestId":null,"workloadTag":null,"priority":null`), func(r *Request) {}},
		{"escapes in names and values", with(`"\u0064escription":"\u00e9\n\ud83d\ude00"`), func(r *Request) { r.Description = "é\n😀" }},
		{"priority 0 is not unset", with(`"priority":0`), func(r *Request) { r.Priority = priority(0) }},
		{"priority as a string", with(`"priority":"9999"`), func(r *Request) { r.Priority = priority(9999) }},
		{"priority with an exponent", with(`"priority":1e2`), func(r *Request) { r.Priority = priority(100) }},
		{"priority with a zero fraction", with(`"priority":"100.0"`), func(r *Request) { r.Priority = priority(100) }},
		{"priority as the Python client sends it", with(`"priority":{"value":0}`), func(r *Request) { r.Priority = priority(0) }},
		{"priority as a message with a string", with(`"priority":{"value":"5"}`), func(r *Request) { r.Priority = priority(5) }},
		{"priority as a message without a value", with(`"priority":{"value":null}`), func(r *Request) {}},
		{"overwrite false is sent as false", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":false}}}`, func(r *Request) {
			r.Destination.Overwrite = overwrite(false)
		}},
		{"placeholders", with(`"description":"{date} {time} {isodate} {isotime} {x}","requestId":"r-{time}-{isodate}"`), func(r *Request) {
			r.Description, r.RequestID, r.Dated = "20261123 20261123T080000Z 2026-11-23 2026-11-23T08:00:00Z {x}", "r-20261123T080000Z-2026-11-23", true
		}},
		{"a placeholder outside the description", with(`"requestId":"r-{date}","description":"d"`), func(r *Request) {
			r.RequestID, r.Description = "r-20261123", "d"
		}},
		{"white space everywhere", " {\n\t\"expression\" : " + cart + " ,\r\n " + destination + " } \n", func(r *Request) {}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, found := check([]byte(tc.body), expression.Strict, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
			if len(found) > 0 {
				t.Fatal(found)
			}
			want := &Request{Nodes: got.Nodes, Classifier: got.Classifier, hasDestination: true}
			want.Expression = [][]byte{[]byte(cart)}
			want.Destination.Name = "projects/p/assets/a"
			tc.want(want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestViolations(t *testing.T) {
	const name = "assetExportOptions.earthEngineDestination.name"
	for _, tc := range []struct {
		name   string
		body   string
		fields string // of the violations, in order
		says   string // in the first
	}{
		{"nothing", "", "", "empty"},
		{"white space", " \n", "", "empty"},
		{"an array", "[]", "", "expected an object"},
		{"null", "null", "", "expected an object"},
		{"a string", `"x"`, "", "expected an object"},
		{"a truncated object", `{"expression":`, "", "too early"},
		{"a missing colon", `{"expression" {}}`, "", "colon"},
		{"a missing comma", `{"description":"" "requestId":""}`, "", "comma"},
		{"a comma too many", `{"description":"",}`, "", "name in quotes"},
		{"a name without quotes", `{description:""}`, "", "name in quotes"},
		{"trailing data", with(`"description":""`) + "{}", "", "end of the request"},
		{"a number with a leading zero", with(`"priority":07`), "", "not valid JSON"},
		{"invalid UTF-8", with("\"description\":\"\xff\""), "description", "UTF-8"},
		{"a lone surrogate", with(`"description":"\ud800"`), "description", "not valid JSON"},
		{"invalid UTF-8 in a name", with("\"x\xff\":1"), "", "UTF-8"},
		{"broken JSON in the expression", `{"expression":{"result":01}}`, "expression.result", "not valid JSON"},

		{"nothing given", "{}", "expression assetExportOptions", "required"},
		{"nulls given", `{"expression":null,"assetExportOptions":null}`, "expression assetExportOptions", "required"},
		{"an expression that is not an object", `{"expression":"x",` + destination + `}`, "expression", "object"},
		{"no destination", `{"expression":` + cart + `,"assetExportOptions":{}}`, "assetExportOptions", "exactly one destination"},
		{"a destination of another kind", `{"expression":` + cart + `,"assetExportOptions":{"cloudStorageDestination":{}}}`, "assetExportOptions.cloudStorageDestination", "unknown"},
		{"no asset", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{}}}`, name, "required"},
		{"an asset that is not a string", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":5}}}`, name, "string"},
		{"a destination that is not an object", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":"x"}}`, "assetExportOptions.earthEngineDestination", "object"},
		{"options that are not an object", `{"expression":` + cart + `,"assetExportOptions":[]}`, "assetExportOptions", "object"},
		{"overwrite as a string", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":"true"}}}`, "assetExportOptions.earthEngineDestination.overwrite", "true or false"},

		{"a byte order mark", "\xef\xbb\xbf{}", "", "byte order mark"},
		{"the client's assetId", with(`"assetId":"users/me/rf"`), "assetId", "earthEngineDestination.name"},
		{"a request in a request", `{"project":"projects/p1","body":{}}`, "body expression assetExportOptions", "as the request"},
		{"an asset by its older ID", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"users/me/rf"}}}`, name, "projects/earthengine-legacy/assets/users/me/rf"},
		{"an asset without assets", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/rf"}}}`, name, "projects/p/assets/rf"},
		{"an expression alone", cart, "result values expression assetExportOptions", "as the field expression"},
		{"a derived request ID", with(`"requestId":"eeexport-event-0"`), "requestId", "must not begin"},
		{"a fixed request ID beside a placeholder", with(`"requestId":"nightly","description":"of {isodate}"`), "requestId", "{date}"},
		{"a priority that is nearly an integer", with(`"priority":9999.0000000000000000001`), "priority", "0 to 9999"},
		{"arguments that are not an object", with(`"arguments":[]`), "arguments", "object"},
		{"an argument twice", with(`"arguments":{"a":1,"a":2}`), "arguments.a arguments.a", "more than once"},
		{"a name twice in an argument", `{"expression":` + open + `,` + destination + `,"arguments":{"a":{"b":1,"b":2}}}`, "arguments.a", "twice"},
		{"an argument that placeholders make too large", `{"expression":` + open + `,` + destination + `,"arguments":{"a":"` + strings.Repeat("{time}", 1<<20) + `"}}`, "arguments.a", "placeholders"},
		{"a description that no message holds", with(`"description":"` + strings.Repeat("x", 1<<20) + `x"`), "description", "1048576"},
		{"a description that placeholders make too long", with(`"description":"` + strings.Repeat("{time}", 100_000) + `"`), "description", "1048576"},
		{"an unknown field", with(`"name":1`), "name", "unknown"},
		{"an unknown field with a strange name", with(`"a.b c":1`), `"a.b c"`, "unknown"},
		{"an unknown field with a very long name", with(`"` + strings.Repeat("x", 5000) + `":1`), `"` + strings.Repeat("x", 80) + `"…`, "unknown"},
		{"a field in capitals", with(`"RequestId":"r"`), "RequestId", "unknown"},
		{"neither camel nor snake", with(`"request_Id":"r"`), "request_Id", "unknown"},
		{"two underscores", with(`"request__id":"r"`), "request__id", "unknown"},
		{"a field twice", with(`"description":"a","description":"b"`), "description", "more than once"},
		{"a field under both of its names", with(`"requestId":"a","request_id":"b"`), "requestId", "more than once"},
		{"a field twice by an escape", with(`"priority":1,"priorit\u0079":2`), "priority", "more than once"},
		{"null and a value", with(`"priority":null,"priority":2`), "priority", "more than once"},
		{"an expression twice", with(`"expression":` + cart), "expression", "more than once"},

		{"a description that is not a string", with(`"description":5`), "description", "string"},
		{"a request ID with an underscore", with(`"requestId":"a_b"`), "requestId", "60"},
		{"a request ID of 61", with(`"requestId":"` + strings.Repeat("x", 61) + `"`), "requestId", "60"},
		{"a priority of -1", with(`"priority":-1`), "priority", "0 to 9999"},
		{"a priority of 10000", with(`"priority":10000`), "priority", "0 to 9999"},
		{"a priority with a fraction", with(`"priority":1.5`), "priority", "0 to 9999"},
		{"a priority beyond any number", with(`"priority":1e999999999`), "priority", "0 to 9999"},
		{"a priority of words", with(`"priority":"high"`), "priority", "0 to 9999"},
		{"a priority with a space", with(`"priority":" 5"`), "priority", "0 to 9999"},
		{"a hexadecimal priority", with(`"priority":"0x5"`), "priority", "0 to 9999"},
		{"a priority of true", with(`"priority":true`), "priority", "0 to 9999"},
		{"a priority in a message in a message", with(`"priority":{"value":{"value":1}}`), "priority.value", "0 to 9999"},
		{"a priority message with more", with(`"priority":{"value":1,"unit":2}`), "priority.unit", "unknown"},
		{"a workload tag in capitals", with(`"workloadTag":"A"`), "workloadTag", "1 to 63"},
		{"a workload tag that ends in a hyphen", with(`"workloadTag":"a-"`), "workloadTag", "1 to 63"},
		{"a workload tag of 64", with(`"workloadTag":"` + strings.Repeat("x", 64) + `"`), "workloadTag", "1 to 63"},
		{"an unknown placeholder", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/a{hour}"}}}`, name, "{date}"},
		{"an asset longer than an attribute", `{"expression":` + cart + `,"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/` + strings.Repeat("a", 1024) + `"}}}`, name, "1024"},

		{"everything at once", `{"project":"x","expression":[],"requestId":"_","workloadTag":"_","priority":-1,"x":1,"assetExportOptions":{"earthEngineDestination":{"name":"a"}}}`,
			"priority x project expression requestId workloadTag " + name, "0 to 9999"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, found := check([]byte(tc.body), expression.Strict, time.Now())
			var fields []string
			for _, v := range found {
				fields = append(fields, v.Field)
				if len(v.Description) > 300 || len(v.Field) > 300 {
					t.Errorf("a violation of %d bytes", len(v.Field)+len(v.Description))
				}
			}
			if len(found) == 0 || strings.Join(fields, " ") != tc.fields || !strings.Contains(found[0].Description, tc.says) {
				t.Errorf("%v, want %s with %q", found, tc.fields, tc.says)
			}
		})
	}
}

func TestViolationsAreBounded(t *testing.T) {
	var body strings.Builder
	body.WriteString("{")
	for i := range 100_000 {
		fmt.Fprintf(&body, `"x%d":1,`, i)
	}
	body.WriteString(`"expression":` + cart + `,` + destination + "}")
	_, found := check([]byte(body.String()), expression.Strict, time.Now())
	if len(found) != maxViolations {
		t.Errorf("%d violations", len(found))
	}
}

func TestHostileNestingIsRefusedInBoundedTime(t *testing.T) {
	for _, body := range []string{
		strings.Repeat(`{"priority":`, 1_000_000),
		`{"priority":` + strings.Repeat(`{"value":`, 1_000_000),
		`{"x":` + strings.Repeat("[", 1_000_000),
		`{"expression":` + strings.Repeat(`{"arrayValue":{"values":[`, 300_000),
	} {
		if _, found := check([]byte(body), expression.Strict, time.Now()); len(found) == 0 {
			t.Errorf("%.40s… is accepted", body)
		}
	}
}

// FuzzDecode checks what the decoder guarantees: it never panics, and what it
// accepts means the same to encoding/json, goes upstream meaning the same, and
// keeps the expression's bytes.
func FuzzDecode(f *testing.F) {
	for _, name := range requests.Names() {
		body := requests.Get(name)
		f.Add(body)
	}
	for _, seed := range []string{
		with(`"priority":{"value":"1e1"}`), with(`"request_id":"r","workload_tag":null`), with(`"\u0064escription":"\ud83d\ude00 {date}"`),
		"{", `{"expression":`, `{"priority":n`, `{"a":1}}`, "null",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := string(body)
		r, found := check(body, expression.Structure, time.Unix(0, 0))
		if string(body) != before {
			t.Fatal("the request was changed")
		}
		if len(found) > 0 {
			return
		}
		var plain map[string]any
		if err := json.Unmarshal(body, &plain); err != nil {
			t.Fatalf("accepted what is not JSON: %v", err)
		}
		if _, filled := plain["arguments"]; filled {
			return // the expression is another: see TestArguments
		}
		expr := bytes.Join(r.Expression, nil)
		if !json.Valid(expr) || !strings.Contains(before, string(expr)) {
			t.Fatalf("the expression %s is not the request's", expr)
		}
		if want := plain["expression"]; !reflect.DeepEqual(want, parse(t, expr)) {
			t.Fatalf("the expression means another thing")
		}
		for _, field := range []struct{ got, camel, snake string }{
			{r.RequestID, "requestId", "request_id"}, {r.WorkloadTag, "workloadTag", "workload_tag"}, {r.Project, "project", "project"},
		} {
			want, _ := plain[field.camel].(string)
			if snake, ok := plain[field.snake].(string); ok {
				want = snake
			}
			if field.got != want && !strings.Contains(want, "{") {
				t.Fatalf("%s is %q, want %q", field.camel, field.got, want)
			}
		}
	})
}

func parse(t *testing.T, b []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
