package eeclient_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

// noPause replaces the pauses between attempts.
func noPause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func newServer(t *testing.T, opts ...eetest.Option) *eetest.Server {
	t.Helper()
	server := eetest.NewServer(append([]eetest.Option{eetest.Emulator()}, opts...)...)
	t.Cleanup(server.Close)
	return server
}

func newClient(t *testing.T, server *eetest.Server, opts ...eeclient.Option) *eeclient.Client {
	t.Helper()
	client, err := eeclient.New(t.Context(), append([]eeclient.Option{
		eeclient.WithEmulatorHost(server.Host()), eeclient.WithSleeper(noPause)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const cart = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}}`

// request is the smallest request, with a request ID.
func request() *eeclient.ExportClassifierRequest {
	return &eeclient.ExportClassifierRequest{
		Project:     "projects/my-project",
		Expression:  [][]byte{[]byte(cart)},
		RequestID:   "request-1",
		Destination: eeclient.EarthEngineDestination{Name: "projects/my-project/assets/rf"},
	}
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

// faultOf returns err as the *Error that it must be.
func faultOf(t *testing.T, err error) *eeclient.Error {
	t.Helper()
	var fault *eeclient.Error
	if !errors.As(err, &fault) {
		t.Fatalf("error %v, want an *Error", err)
	}
	return fault
}

func TestEndpoints(t *testing.T) {
	creds := &eeclient.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})}
	for _, tc := range []struct {
		name, endpoint string
		ok             bool
	}{
		{"Earth Engine's own", eeclient.DefaultEndpoint, true},
		{"another host", "https://earthengine-highvolume.googleapis.com", true},
		{"a slash at the end", "https://earthengine.googleapis.com/", true},
		{"http on localhost", "http://localhost:8080", true},
		{"http on 127.0.0.1", "http://127.0.0.1:8080", true},
		{"http on ::1", "http://[::1]:8080", true},
		{"http on a network would send tokens in clear text", "http://10.0.0.1:8080", false},
		{"http to a host that only begins like loopback", "http://localhost.example.com", false},
		{"nothing", "", false},
		{"no scheme", "earthengine.googleapis.com", false},
		{"another scheme", "ftp://host", false},
		{"no host", "https://:443", false},
		{"port 0", "https://host:0", false},
		{"an empty query", "https://host?", false},
		{"an empty fragment", "https://host#", false},
		{"a port out of range", "https://host:99999", false},
		{"a user", "https://me:secret@host", false},
		{"a query", "https://host?x=1", false},
		{"a path", "https://host/v1", false},
		{"no URL", "://", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := eeclient.New(t.Context(), eeclient.WithEndpoint(tc.endpoint), eeclient.WithCredentials(creds))
			if (err == nil) != tc.ok || err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: %v", tc.endpoint, err)
			}
		})
	}
	t.Run("an emulator may be anywhere, since it gets no credentials", func(t *testing.T) {
		if _, err := eeclient.New(t.Context(), eeclient.WithEmulatorHost("emulator:8080")); err != nil {
			t.Error(err)
		}
	})
}

func TestConcurrencyIsBounded(t *testing.T) {
	server := newServer(t, eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: eeclient.Concurrency, RequestsPerSecond: -1}))
	server.Inject(eetest.Fault{Delay: 5 * time.Millisecond, Started: true, Times: -1})
	client := newClient(t, server)
	errs := make(chan error)
	const calls = 3 * eeclient.Concurrency
	for range calls {
		go func() {
			_, err := client.GetOperation(t.Context(), "projects/p/operations/X")
			errs <- err
		}()
	}
	for range calls {
		if fault := faultOf(t, <-errs); !fault.NotFound() {
			t.Errorf("%v", fault)
		}
	}
	if refused := server.Usage().Refused; refused != 0 {
		t.Errorf("the stand-in refused %d calls: too many were under way", refused)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	server := newServer(t)
	conns := 0
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns++
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}}
	client := newClient(t, server, eeclient.WithHTTPClient(&http.Client{Transport: transport}))
	for range 5 {
		export(t, client, request())
	}
	if conns != 1 {
		t.Errorf("%d connections for 5 calls one after the other", conns)
	}
}
