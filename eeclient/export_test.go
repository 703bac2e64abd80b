package eeclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

// fastRetry is DefaultRetry without the waiting.
var fastRetry = eeclient.Retry{Attempts: 5, Initial: time.Millisecond, Max: 2 * time.Millisecond, Multiplier: 2, MaxRetryAfter: time.Second}

func newServer(t *testing.T, opts ...eetest.Option) *eetest.Server {
	t.Helper()
	server := eetest.NewServer(append([]eetest.Option{eetest.Emulator()}, opts...)...)
	t.Cleanup(server.Close)
	return server
}

func newClient(t *testing.T, server *eetest.Server, opts ...eeclient.Option) *eeclient.Client {
	t.Helper()
	client, err := eeclient.New(t.Context(), append([]eeclient.Option{
		eeclient.WithEmulatorHost(server.Host()), eeclient.WithRetry(fastRetry)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// export starts an export that must succeed.
func export(t *testing.T, client *eeclient.Client, r *eeclient.ExportClassifierRequest) *eeclient.Operation {
	t.Helper()
	started, err := client.ExportClassifier(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return started.Operation
}

const cart = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}}`

func request() *eeclient.ExportClassifierRequest {
	return &eeclient.ExportClassifierRequest{
		Project:     "projects/my-project",
		Expression:  [][]byte{[]byte(cart)},
		RequestID:   "request-1",
		Destination: eeclient.EarthEngineDestination{Name: "projects/my-project/assets/rf"},
	}
}

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
	op := export(t, newClient(t, server, eeclient.WithUserAgent("agent/1")), r)
	if !strings.HasPrefix(op.Name(), "projects/my-project/operations/") || op.State() != eeclient.Pending {
		t.Errorf("Operation %s is %s", op.Name(), op.State())
	}
	seen := server.Requests()[0]
	if seen.Path != "/v1alpha/projects/my-project/classifier:export" {
		t.Errorf("path %s", seen.Path)
	}
	if got := seen.Header.Get("User-Agent"); got != "agent/1" {
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
}

// compact gives JSON one form, whatever its spaces, escapes and order.
func compact(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func TestUnsetFieldsAreNotSent(t *testing.T) {
	server := newServer(t)
	if _, err := newClient(t, server).ExportClassifier(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	body := string(server.Requests()[0].Body)
	for _, field := range []string{"description", "overwrite", "workloadTag", "priority"} {
		if strings.Contains(body, field) {
			t.Errorf("%s is sent: %s", field, body)
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

func TestAFaultThatPassesIsRetriedAndReachesOneOperation(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults []eetest.Fault
	}{
		{"429 without Retry-After", []eetest.Fault{{Status: 429}}},
		{"429 with Retry-After", []eetest.Fault{{Status: 429, RetryAfter: "1"}}},
		{"500", []eetest.Fault{{Status: 500}}},
		{"502 with a proxy's page", []eetest.Fault{{Status: 502, Body: "<html>Bad gateway</html>"}}},
		{"503 three times", []eetest.Fault{{Status: 503, Times: 3}}},
		{"504", []eetest.Fault{{Status: 504}}},
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

func TestAnExportWithoutRequestIDIsNeverRetried(t *testing.T) {
	server := newServer(t)
	server.Inject(eetest.Fault{Status: 503})
	r := request()
	r.RequestID = ""
	if _, err := newClient(t, server).ExportClassifier(t.Context(), r); err == nil {
		t.Fatal("no error")
	}
	if n := server.Count(eetest.ExportClassifier); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestErrorsCarryCodeStatusAndClass(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  eetest.Fault
		code   int
		status string
		blame  eeclient.Blame
		calls  int
		says   string
	}{
		{"a refusal is permanent", eetest.Fault{Status: 400, Message: "Bad expression"}, 400, "INVALID_ARGUMENT", eeclient.Request, 1, "Bad expression"},
		{"401 is the deployment's", eetest.Fault{Status: 401}, 401, "UNAUTHENTICATED", eeclient.Deployment, 1, ""},
		{"403 is permanent", eetest.Fault{Status: 403}, 403, "PERMISSION_DENIED", eeclient.Request, 1, ""},
		{"404 is permanent", eetest.Fault{Status: 404}, 404, "NOT_FOUND", eeclient.Request, 1, ""},
		{"409 keeps its status", eetest.Fault{Status: 409, Code: "ALREADY_EXISTS"}, 409, "ALREADY_EXISTS", eeclient.Request, 1, ""},
		{"a proxy's refusal is nobody's, and not quoted", eetest.Fault{Status: 403, Body: "<html>go away</html>", Times: -1}, 403, "PERMISSION_DENIED", eeclient.Nobody, 5, "answered 403 Forbidden"},
		{"429 to the end is transient", eetest.Fault{Status: 429, Times: -1}, 429, "RESOURCE_EXHAUSTED", eeclient.Quota, 5, ""},
		{"a long Retry-After is passed on at once", eetest.Fault{Status: 429, RetryAfter: "600", Times: -1}, 429, "RESOURCE_EXHAUSTED", eeclient.Quota, 1, ""},
		{"a full queue under 400 is a quota", eetest.Fault{Status: 400, Message: "Too many tasks already in the queue (3000)."}, 400, "RESOURCE_EXHAUSTED", eeclient.Quota, 1, "3000"},
		{"a full queue under 403 is a quota", eetest.Fault{Status: 403, Message: "Too many tasks already in the queue (3000)."}, 403, "RESOURCE_EXHAUSTED", eeclient.Quota, 1, "3000"},
		{"503 to the end is transient", eetest.Fault{Status: 503, Times: -1}, 503, "UNAVAILABLE", eeclient.Nobody, 5, ""},
		{"a redirect is not followed", eetest.Fault{Status: 302, Times: -1}, 302, "UNKNOWN", eeclient.Nobody, 5, ""},
		{"a connection that always breaks is transient", eetest.Fault{Reset: eetest.BeforeStart, Times: -1}, 0, "UNAVAILABLE", eeclient.Nobody, 5, "unreachable"},
		{"an answer that never makes sense is transient", eetest.Fault{Body: "[]", Times: -1}, 200, "UNAVAILABLE", eeclient.Nobody, 5, "cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := newServer(t)
			server.Inject(tc.fault)
			_, err := newClient(t, server).ExportClassifier(t.Context(), request())
			var fault *eeclient.Error
			if !errors.As(err, &fault) {
				t.Fatalf("error %v", err)
			}
			if fault.Code != tc.code || (fault.Status != tc.status && tc.code != 302) || fault.Blame != tc.blame {
				t.Errorf("got %d %s %s, want %d %s %s", fault.Code, fault.Status, fault.Blame, tc.code, tc.status, tc.blame)
			}
			if !strings.Contains(fault.Message, tc.says) {
				t.Errorf("message %q does not say %q", fault.Message, tc.says)
			}
			if strings.Contains(err.Error(), "html") {
				t.Errorf("a proxy's page is quoted: %v", err)
			}
			if n := server.Count(eetest.ExportClassifier); n != tc.calls {
				t.Errorf("%d calls, want %d", n, tc.calls)
			}
		})
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	for _, value := range []string{"600", time.Now().Add(10 * time.Minute).UTC().Format(http.TimeFormat)} {
		server := newServer(t)
		server.Inject(eetest.Fault{Status: 429, RetryAfter: value})
		_, err := newClient(t, server).ExportClassifier(t.Context(), request())
		var fault *eeclient.Error
		if !errors.As(err, &fault) || fault.RetryAfter < 590*time.Second || fault.RetryAfter > 600*time.Second {
			t.Errorf("Retry-After %q: %v, %+v", value, err, fault)
		}
	}
}

func TestNothingIsRetriedPastTheCallersDeadline(t *testing.T) {
	t.Run("a pause that would outlast it is not begun", func(t *testing.T) {
		server := newServer(t)
		server.Inject(eetest.Fault{Status: 503, RetryAfter: "1", Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := newClient(t, server).ExportClassifier(ctx, request())
		var fault *eeclient.Error
		if !errors.As(err, &fault) || fault.Status != "UNAVAILABLE" || server.Count(eetest.ExportClassifier) != 1 {
			t.Errorf("%v after %d calls", err, server.Count(eetest.ExportClassifier))
		}
	})
	t.Run("latency past it", func(t *testing.T) {
		server := newServer(t)
		server.Inject(eetest.Fault{Delay: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := newClient(t, server).ExportClassifier(ctx, request())
		var fault *eeclient.Error
		if !errors.As(err, &fault) || fault.Status != "DEADLINE_EXCEEDED" || fault.Code != 0 {
			t.Errorf("%v", err)
		}
	})
	t.Run("the caller leaves", func(t *testing.T) {
		server := newServer(t)
		server.Inject(eetest.Fault{Delay: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := newClient(t, server).ExportClassifier(ctx, request())
		var fault *eeclient.Error
		if !errors.As(err, &fault) || fault.Status != "CANCELLED" || !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestAHostThatRefusesConnectionsIsUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	client, err := eeclient.New(t.Context(), eeclient.WithEmulatorHost(l.Addr().String()), eeclient.WithRetry(fastRetry))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ExportClassifier(t.Context(), request())
	var fault *eeclient.Error
	if !errors.As(err, &fault) || fault.Status != "UNAVAILABLE" || fault.Blame.Permanent() {
		t.Errorf("%v", err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	server := newServer(t)
	conns := 0
	dial := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns++
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}}
	client := newClient(t, server, eeclient.WithHTTPClient(&http.Client{Transport: dial}))
	for range 5 {
		if _, err := client.ExportClassifier(t.Context(), request()); err != nil {
			t.Fatal(err)
		}
	}
	if conns != 1 {
		t.Errorf("%d connections for 5 calls one after the other", conns)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	server := newServer(t, eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: 3, RequestsPerSecond: -1}))
	server.Inject(eetest.Fault{Delay: 5 * time.Millisecond, Started: true, Times: -1})
	client := newClient(t, server, eeclient.WithConcurrency(3))
	errs := make(chan error)
	for range 20 {
		go func() {
			_, err := client.GetOperation(t.Context(), "projects/p/operations/X")
			errs <- err
		}()
	}
	for range 20 {
		var fault *eeclient.Error
		if err := <-errs; !errors.As(err, &fault) || fault.Status != "NOT_FOUND" {
			t.Errorf("%v", err)
		}
	}
	if refused := server.Usage().Refused; refused != 0 {
		t.Errorf("the stand-in refused %d calls: more than 3 were under way", refused)
	}
}

func TestTraceSeesEveryAttempt(t *testing.T) {
	server := newServer(t)
	server.Inject(eetest.Fault{Status: 503, Times: 2})
	var log []string
	ctx := eeclient.WithTrace(t.Context(), &eeclient.Trace{
		Start: func(ctx context.Context, n int) context.Context { log = append(log, "start"); return ctx },
		Done: func(_ context.Context, n int, err error) {
			if err != nil {
				log = append(log, "failed")
			} else {
				log = append(log, "done")
			}
		},
	})
	if _, err := newClient(t, server).ExportClassifier(ctx, request()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, " "); got != "start failed start failed start done" {
		t.Error(got)
	}
}

func TestCredentials(t *testing.T) {
	t.Run("a service account's key file", func(t *testing.T) {
		server := eetest.NewServer()
		defer server.Close()
		key := filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(key, server.ServiceAccountKey("key-project"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", key)
		testCredentials(t, server, "key-project")
	})
	t.Run("the metadata server", func(t *testing.T) {
		server := eetest.NewServer()
		defer server.Close()
		metadata := eetest.NewMetadataServer(server, "metadata-project")
		defer metadata.Close()
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
		t.Setenv("HOME", t.TempDir()) // where gcloud's own credentials would be
		t.Setenv("GCE_METADATA_HOST", metadata.Host())
		testCredentials(t, server, "metadata-project")
	})
	t.Run("no access token is a fault of the function's own, and transient", func(t *testing.T) {
		server := eetest.NewServer()
		key := filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(key, server.ServiceAccountKey("p1"), 0o600); err != nil {
			t.Fatal(err)
		}
		server.Close() // and with it the token endpoint
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", key)
		client, err := eeclient.New(t.Context(), eeclient.WithEndpoint(server.URL), eeclient.WithRetry(fastRetry))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.ExportClassifier(t.Context(), request())
		var fault *eeclient.Error
		if !errors.As(err, &fault) || fault.Blame.Permanent() || fault.Status != "UNAVAILABLE" {
			t.Errorf("%v", err)
		}
	})
}

func testCredentials(t *testing.T, server *eetest.Server, project string) {
	t.Helper()
	creds, err := eeclient.FindCredentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if creds.ProjectID != project {
		t.Errorf("project %q, want %q", creds.ProjectID, project)
	}
	client, err := eeclient.New(t.Context(), eeclient.WithEndpoint(server.URL), eeclient.WithCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		r := request()
		r.RequestID = id
		if _, err := client.ExportClassifier(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.TokensIssued(); n != 1 {
		t.Errorf("%d tokens were fetched for 3 calls", n)
	}
}

func TestAUsersQuotaProjectIsNamed(t *testing.T) {
	creds := filepath.Join(t.TempDir(), "adc.json")
	server := eetest.NewServer(eetest.WithTokens("user-token"))
	defer server.Close()
	tokens := http.NewServeMux()
	tokens.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"access_token":"user-token","token_type":"Bearer","expires_in":3600}`))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := &http.Server{Handler: tokens}
	go endpoint.Serve(l)
	defer endpoint.Close()
	key := server.ServiceAccountKey("p1")
	var file map[string]any
	if err := json.Unmarshal(key, &file); err != nil {
		t.Fatal(err)
	}
	file["token_uri"], file["quota_project_id"] = "http://"+l.Addr().String()+"/token", "quota-project"
	key, _ = json.Marshal(file)
	if err := os.WriteFile(creds, key, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", creds)
	client, err := eeclient.New(t.Context(), eeclient.WithEndpoint(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExportClassifier(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	if got := server.Requests()[0].Header.Get("X-Goog-User-Project"); got != "quota-project" {
		t.Errorf("X-Goog-User-Project %q", got)
	}
}

func TestNewRefusesWhatIsNoEndpoint(t *testing.T) {
	for _, endpoint := range []string{"", "earthengine.googleapis.com", "ftp://host", "://"} {
		if _, err := eeclient.New(t.Context(), eeclient.WithEndpoint(endpoint)); err == nil {
			t.Errorf("%q is accepted", endpoint)
		}
	}
}
