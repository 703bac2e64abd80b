package eeclient_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"golang.org/x/oauth2"
)

func TestATokenThatIsNotAcceptedIsFetchedAgainOnce(t *testing.T) {
	unauthorized := eetest.Fault{Status: 401}
	for _, tc := range []struct {
		name   string
		faults []eetest.Fault
		id     string
		ok     bool
		calls  int
		tokens int
	}{
		{"and the call made once more", []eetest.Fault{unauthorized}, "r", true, 2, 2},
		{"also if the call is not idempotent", []eetest.Fault{unauthorized}, "", true, 2, 2},
		{"a second 401 is the deployment's fault", []eetest.Fault{unauthorized, unauthorized}, "r", false, 2, 2},
		{"a failure between is retried", []eetest.Fault{{Status: 503}, unauthorized, {Status: 503}}, "r", true, 4, 2},
		{"a proxy's 401 may have started what is not idempotent", []eetest.Fault{{Status: 401, Body: "<html>"}}, "", false, 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := eetest.NewServer()
			defer server.Close()
			withKey(t, server.ServiceAccountKey("p1"))
			client := newAuthorized(t, server)
			server.Inject(tc.faults...)
			r := request()
			r.RequestID = tc.id
			_, err := client.ExportClassifier(t.Context(), r)
			if (err == nil) != tc.ok || server.Count(eetest.ExportClassifier) != tc.calls || server.TokensIssued() != tc.tokens {
				t.Fatalf("%v after %d calls with %d tokens", err, server.Count(eetest.ExportClassifier), server.TokensIssued())
			}
			if tc.ok {
				return
			}
			if fault := faultOf(t, err); fault.Blame != eeclient.Deployment || fault.Status != "UNAUTHENTICATED" || fault.Remedy == "" {
				t.Errorf("%+v", fault)
			}
			export(t, client, request()) // with a new token: the last was dropped
			if server.TokensIssued() != tc.tokens+1 {
				t.Errorf("%d tokens", server.TokensIssued())
			}
		})
	}
}

// tokens is a token source.
type tokens func() (*oauth2.Token, error)

func (f tokens) Token() (*oauth2.Token, error) { return f() }

func TestAMissingToken(t *testing.T) {
	refusal := func(code int, body string) error {
		return &oauth2.RetrieveError{Response: &http.Response{StatusCode: code}, Body: []byte(body)}
	}
	for _, tc := range []struct {
		name  string
		err   error // nil: it panics
		blame eeclient.Blame
		says  string
		tries int
	}{
		{"a source that panics", nil, eeclient.Nobody, "no access token", 5},
		{"a key that is not accepted", refusal(400, `{"error":"invalid_grant","error_description":"SECRET"}`), eeclient.Deployment, "400 invalid_grant", 1},
		{"an error that is not a word", refusal(400, `{"error":"SECRET!"}`), eeclient.Deployment, "400", 1},
		{"a token endpoint that fails", refusal(503, "SECRET"), eeclient.Nobody, "503", 5},
		{"a token endpoint that is asked too often", refusal(429, ""), eeclient.Nobody, "429", 5},
		{"a key file that is gone", &os.PathError{Op: "open", Path: "SECRET", Err: os.ErrNotExist}, eeclient.Deployment, "file", 1},
		{"any other error", errors.New("SECRET"), eeclient.Nobody, "no access token", 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tries := 0
			server := eetest.NewServer()
			defer server.Close()
			client := newAuthorized(t, server, eeclient.WithCredentials(&eeclient.Credentials{
				TokenSource: tokens(func() (*oauth2.Token, error) {
					if tries++; tc.err == nil {
						panic("SECRET")
					}
					return nil, tc.err
				})}))
			_, err := client.ExportClassifier(t.Context(), request())
			fault := faultOf(t, err)
			if fault.Blame != tc.blame || fault.MayHaveStarted || fault.Code != 0 || tries != tc.tries {
				t.Errorf("%d tries: %+v", tries, fault)
			}
			if !strings.Contains(fault.Error(), tc.says) || strings.Contains(fault.Error(), "SECRET") {
				t.Errorf("%v", fault)
			}
			if tc.err != nil && !errors.Is(err, tc.err) {
				t.Error("the cause is lost")
			}
		})
	}
	t.Run("a token endpoint that is gone", func(t *testing.T) {
		server := eetest.NewServer()
		defer server.Close()
		// Nobody listens on port 1.
		withKey(t, bytes.Replace(server.ServiceAccountKey("p1"), []byte(server.URL+"/token"), []byte("http://127.0.0.1:1/token"), 1))
		_, err := newAuthorized(t, server).ExportClassifier(t.Context(), request())
		if fault := faultOf(t, err); fault.Blame != eeclient.Nobody || fault.MayHaveStarted {
			t.Errorf("%+v", fault)
		}
	})
}
