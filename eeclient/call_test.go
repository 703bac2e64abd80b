package eeclient_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

func TestATransientFaultIsRetriedAndReachesOneOperation(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults []eetest.Fault
	}{
		{"429 without Retry-After", []eetest.Fault{{Status: 429}}},
		{"429 with Retry-After", []eetest.Fault{{Status: 429, RetryAfter: "1"}}},
		{"500", []eetest.Fault{{Status: 500}}},
		{"502 with a proxy's page", []eetest.Fault{{Status: 502, Body: "<html>Bad gateway</html>"}}},
		{"404 with a proxy's page", []eetest.Fault{{Status: 404, Body: "<html>Not found</html>"}}},
		{"503 three times", []eetest.Fault{{Status: 503, Times: 3}}},
		{"ABORTED", []eetest.Fault{{Status: 409, Code: "ABORTED"}}},
		{"503 after the export has started", []eetest.Fault{{Status: 503, Started: true}}},
		{"the connection breaks before the start", []eetest.Fault{{Reset: eetest.BeforeStart}}},
		{"the connection breaks after the start", []eetest.Fault{{Reset: eetest.AfterStart}}},
		{"the answer is cut short", []eetest.Fault{{Truncate: true}}},
		{"the answer is not JSON", []eetest.Fault{{Started: true, Body: "<html>OK</html>", Status: 200}}},
		{"the answer is an Operation without a name", []eetest.Fault{{Started: true, Body: `{"done":false}`, Status: 200}}},
		{"a refusal is cut short", []eetest.Fault{{Status: 409, Message: "ALREADY_EXISTS, perhaps", Truncate: true}}},
		{"one of each", []eetest.Fault{{Status: 429}, {Reset: eetest.AfterStart}, {Truncate: true}, {Status: 500}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := newServer(t)
			server.Inject(tc.faults...)
			op := export(t, newClient(t, server), request())
			if started := server.Operations(); len(started) != 1 || started[0].Name != op.Name() {
				t.Errorf("%d Operations started, want the one that was returned", len(started))
			}
		})
	}
}

// The answer to the last attempt does not hide what an earlier one may have
// done.
func TestAnErrorSaysWhetherTheExportMayHaveStarted(t *testing.T) {
	refused := eetest.Fault{Status: 400, Message: "Bad expression"}
	disabled := eetest.Fault{Status: 403, Reason: "SERVICE_DISABLED"}
	full := eetest.Fault{Status: 400, Message: "Too many tasks already in the queue (3000)."}
	for _, tc := range []struct {
		name   string
		faults []eetest.Fault
		blame  eeclient.Blame
		may    bool
	}{
		{"a refusal is definite", []eetest.Fault{refused}, eeclient.Request, false},
		{"a full queue is definite", []eetest.Fault{full}, eeclient.Quota, false},
		{"the deployment's fault is definite", []eetest.Fault{disabled}, eeclient.Deployment, false},
		{"a rate limit before a refusal is definite", []eetest.Fault{{Status: 429}, refused}, eeclient.Request, false},
		{"5xx before a refusal is not", []eetest.Fault{{Status: 503}, refused}, eeclient.Request, true},
		{"5xx before the deployment's fault is not", []eetest.Fault{{Status: 500}, disabled}, eeclient.Deployment, true},
		{"5xx before a full queue is not", []eetest.Fault{{Status: 500}, full}, eeclient.Quota, true},
		{"408 before a refusal is not", []eetest.Fault{{Status: 408}, refused}, eeclient.Request, true},
		{"ABORTED before a refusal is not", []eetest.Fault{{Status: 409, Code: "ABORTED"}, refused}, eeclient.Request, true},
		{"a proxy's refusal is not", []eetest.Fault{{Status: 403, Body: "<html>", Times: -1}}, eeclient.Nobody, true},
		{"a broken connection is not", []eetest.Fault{{Reset: eetest.BeforeStart}, refused}, eeclient.Request, true},
		{"a lost answer is not", []eetest.Fault{{Reset: eetest.AfterStart}, refused}, eeclient.Request, true},
		{"a success cut short is not", []eetest.Fault{{Truncate: true}, refused}, eeclient.Request, true},
		{"a success that cannot be read is not", []eetest.Fault{{Body: "[]"}, refused}, eeclient.Request, true},
		{"a doubt is not forgotten over several attempts", []eetest.Fault{{Status: 503}, {Status: 429}, refused}, eeclient.Request, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := newServer(t)
			server.Inject(tc.faults...)
			_, err := newClient(t, server).ExportClassifier(t.Context(), request())
			fault := faultOf(t, err)
			if fault.Blame != tc.blame || fault.MayHaveStarted != tc.may {
				t.Errorf("%s, may have started %t: %v", fault.Blame, fault.MayHaveStarted, fault)
			}
			if want := tc.may && tc.blame == eeclient.Request; fault.OutcomeUnknown() != want {
				t.Errorf("outcome unknown: %t", !want)
			}
		})
	}
	t.Run("a host that refuses connections has started nothing", func(t *testing.T) {
		refuse := func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
		client := newClient(t, newServer(t), eeclient.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: refuse}}))
		_, err := client.ExportClassifier(t.Context(), request())
		if fault := faultOf(t, err); fault.Status != "UNAVAILABLE" || fault.Blame != eeclient.Nobody || fault.MayHaveStarted {
			t.Errorf("%+v", fault)
		}
	})
}

func TestTraceSeesEveryAttempt(t *testing.T) {
	server := newServer(t)
	server.Inject(eetest.Fault{Status: 503, Times: 2})
	var log []string
	ctx := eeclient.WithTrace(t.Context(), &eeclient.Trace{
		Start: func(ctx context.Context, n int) context.Context { log = append(log, "start"); return ctx },
		Done:  func(_ context.Context, _ int, err error) { log = append(log, fmt.Sprint(err == nil)) },
	})
	if _, err := newClient(t, server).ExportClassifier(ctx, request()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, " "); got != "start false start false start true" {
		t.Error(got)
	}
}
