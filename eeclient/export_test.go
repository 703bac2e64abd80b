package eeclient_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

func TestExportClassifierSendsWhatTheMethodDocuments(t *testing.T) {
	server := newServer(t)
	overwrite, priority := true, int32(0)
	r := request()
	r.Version = "v1alpha"
	r.Expression = [][]byte{[]byte("{ \"result\":\"0\", \"val"), nil, []byte("ues\" : {\"0\":{\"constantValue\":\"\\u00e9 \\/\"}} }")}
	r.Description = "a \"quoted\" description\n"
	r.Destination.Overwrite = &overwrite
	r.WorkloadTag = "team-a"
	r.Priority = &priority
	r.NotBefore, r.FirstDelivery, r.Arrival = time.Now(), time.Now(), time.Now()
	client := newClient(t, server)
	op := export(t, client, r)
	if !strings.HasPrefix(op.Name(), "projects/my-project/operations/") || op.State() != eeclient.Pending {
		t.Errorf("Operation %s is %s", op.Name(), op.State())
	}
	seen := server.Requests()[0]
	if seen.Path != "/v1alpha/projects/my-project/classifier:export" {
		t.Errorf("path %s", seen.Path)
	}
	if got := seen.Header.Get("User-Agent"); got != "eeexport" {
		t.Errorf("User-Agent %q", got)
	}
	if !bytes.Contains(seen.Body, bytes.Join(r.Expression, nil)) {
		t.Errorf("the expression was changed: %s", seen.Body)
	}
	const want = `{"expression":{"result":"0","values":{"0":{"constantValue":"é /"}}},` +
		`"description":"a \"quoted\" description\n","requestId":"request-1",` +
		`"assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/rf","overwrite":true}},` +
		`"workloadTag":"team-a","priority":0}`
	if got := compact(t, seen.Body); got != compact(t, []byte(want)) {
		t.Errorf("body\n got %s\nwant %s", got, want)
	}
	export(t, client, request())
	const unset = `{"expression":` + cart + `,"requestId":"request-1","assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/rf"}}}`
	if got := string(server.Requests()[1].Body); got != unset {
		t.Errorf("unset fields are sent: %s, want %s", got, unset)
	}
}

// compact returns JSON in one form, whatever its spaces, escapes and order.
func compact(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// Every attempt sends the whole body, also one in many parts.
func TestARetrySendsTheSameBytes(t *testing.T) {
	server := newServer(t)
	server.Inject(eetest.Fault{Status: 503, Times: 2})
	r := request()
	r.Expression = nil
	for i := range len(cart) {
		r.Expression = append(r.Expression, []byte(cart[i:i+1]))
	}
	export(t, newClient(t, server), r)
	seen := server.Requests()
	if len(seen) != 3 || !bytes.Contains(seen[0].Body, []byte(cart)) {
		t.Fatalf("%d requests: %s", len(seen), seen[0].Body)
	}
	for _, again := range seen[1:] {
		if !bytes.Equal(again.Body, seen[0].Body) {
			t.Errorf("sent %s after %s", again.Body, seen[0].Body)
		}
	}
}

func TestAnOperationIsKeptAsTheBytesThatCame(t *testing.T) {
	const raw = "{ \"name\": \"projects/my-project/operations/A\",\n \"unknown\": [1, 2.50],\n" +
		` "metadata": {"state": "RUNNING", "progress": 0.5, "createTime": "not a time", "attempt": "two", "stages": [{"displayName": "Train", "totalWorkUnits": "7", "completeWorkUnits": 3.5}]} }`
	server := newServer(t)
	server.Inject(eetest.Fault{Body: raw})
	op := export(t, newClient(t, server), request())
	if string(op.JSON()) != raw {
		t.Errorf("the Operation was changed: %s", op.JSON())
	}
	if op.State() != eeclient.Running || op.Progress() != 0.5 || op.Attempt() != 0 || !op.CreateTime().IsZero() {
		t.Errorf("read as %v %v %v %v", op.State(), op.Progress(), op.Attempt(), op.CreateTime())
	}
	if s := op.Stages(); len(s) != 1 || s[0].DisplayName != "Train" || s[0].TotalWorkUnits != "7" || s[0].CompleteWorkUnits != "3.5" {
		t.Errorf("stages %+v", s)
	}
}

func TestQuotaHeadersAreKept(t *testing.T) {
	const name = "X-Earth-Engine-Quota-Status"
	server := newServer(t)
	header := map[string]string{name: "restricted"}
	server.Inject(eetest.Fault{Header: header}, eetest.Fault{Status: 400, Header: header})
	client := newClient(t, server)
	started, err := client.ExportClassifier(t.Context(), request())
	if err != nil || started.Quota[name] != "restricted" {
		t.Errorf("%v, %v", started, err)
	}
	_, err = client.ExportClassifier(t.Context(), request())
	if fault := faultOf(t, err); fault.Quota[name] != "restricted" {
		t.Errorf("%v", fault.Quota)
	}
}

func TestAnothersOperationIsNotAccepted(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name  string
		world eetest.World
		first eetest.Operation
	}{
		{"of another kind of task", eetest.World{}, eetest.Operation{Project: "my-project", Type: "EXPORT_IMAGE"}},
		{"of another project", eetest.World{}, eetest.Operation{Project: "other-project"}},
		{"older and of another description", eetest.World{}, eetest.Operation{Project: "my-project", Description: "yesterday's"}},
		{"of another caller", eetest.World{SharedRequestIDs: true}, eetest.Operation{Project: "my-project", Caller: "somebody", Description: "theirs"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			clock := eetest.NewClock(start)
			server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(tc.world))
			tc.first.RequestID = "request-1"
			if tc.first.Caller == "" {
				tc.first.Caller = eetest.EmulatorCaller
			}
			first := server.Add(tc.first)
			clock.Advance(time.Hour)
			r := request()
			r.Description, r.NotBefore, r.Arrival = "today's", clock.Now(), clock.Now()
			_, err := newClient(t, server).ExportClassifier(t.Context(), r)
			fault := faultOf(t, err)
			if fault.Reason != eeclient.ReasonRequestIDReused || fault.Code != 409 || fault.Status != "ALREADY_EXISTS" ||
				fault.Blame != eeclient.Request || fault.Operation != first.Name || fault.OutcomeUnknown() {
				t.Errorf("%+v", fault)
			}
		})
	}
}
