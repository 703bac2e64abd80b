package eetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/rpcstatus"
)

// epoch is where the driven clocks of the tests start.
var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const (
	exportPath = "/v1beta/projects/p/classifier:export"
	listPath   = "/v1beta/projects/p/operations"
)

// newTestServer starts a Server that ends with the test.
func newTestServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := NewServer(opts...)
	t.Cleanup(s.Close)
	return s
}

// response is what a test reads of an HTTP response.
type response struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request with the token "tok", and headers as "Name: value".
func do(t testing.TB, method, url, body string, headers ...string) response {
	t.Helper()
	res, err := try(method, url, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return res
}

func try(method, url, body string, headers ...string) (response, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer tok")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return response{res.StatusCode, res.Header, b}, err
}

// wireOperation is an Operation as a client reads it.
type wireOperation struct {
	Name     string
	Done     *bool
	Metadata map[string]any
	Response map[string]any
	Error    *struct {
		Code    int
		Message string
	}
}

func (r response) operation(t testing.TB) wireOperation {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", r.status, r.body)
	}
	var op wireOperation
	decode(t, r.body, &op)
	return op
}

func (op wireOperation) state() State { return State(op.Metadata["state"].(string)) }

func (r response) error(t testing.TB) *rpcstatus.Status {
	t.Helper()
	said, _ := rpcstatus.Parse(r.status, r.body)
	if said.Code != r.status {
		t.Errorf("the error body says %d, the status line %d: %s", said.Code, r.status, r.body)
	}
	if got := r.header.Get("Content-Type"); got != "application/json; charset=UTF-8" {
		t.Errorf("Content-Type %q", got)
	}
	return &said
}

func decode(t testing.TB, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%v in %q", err, b)
	}
}

// request is the smallest body, with the members of each extra object added or
// replaced; null removes one.
func request(extra ...string) string {
	m := map[string]json.RawMessage{
		"expression":         json.RawMessage(`{"result":"0","values":{"0":{"constantValue":1}}}`),
		"assetExportOptions": json.RawMessage(`{"earthEngineDestination":{"name":"projects/p/assets/a"}}`),
	}
	for _, e := range extra {
		if err := json.Unmarshal([]byte(e), &m); err != nil {
			panic(err)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// toAsset is a request for an asset of project p.
func toAsset(name string) string {
	return request(`{"assetExportOptions":{"earthEngineDestination":{"name":"projects/p/assets/` + name + `"}}}`)
}

// export starts an export and returns its Operation.
func export(t testing.TB, s *Server, body string) wireOperation {
	t.Helper()
	return do(t, "POST", s.URL+exportPath, body).operation(t)
}

// get asks for an Operation.
func get(t testing.TB, s *Server, name string) wireOperation {
	t.Helper()
	return do(t, "GET", s.URL+"/v1beta/"+name, "").operation(t)
}

// list returns the names on a page of a project's list, and the token of the next.
func list(t testing.TB, s *Server, path string) (names []string, next string) {
	t.Helper()
	var page struct {
		Operations    []wireOperation
		NextPageToken string
	}
	res := do(t, "GET", s.URL+path, "")
	if decode(t, res.body, &page); res.status != http.StatusOK {
		t.Fatalf("status %d: %s", res.status, res.body)
	}
	for _, op := range page.Operations {
		names = append(names, op.Name)
	}
	return names, page.NextPageToken
}

// repeat is a JSON string of n bytes.
func repeat(n int) string { return `"` + string(bytes.Repeat([]byte("x"), n)) + `"` }
