package eetest

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// TestDefaultCredentials goes the way of every Google client library.
func TestDefaultCredentials(t *testing.T) {
	keyFile := func(t *testing.T, s *Server) {
		file := filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(file, s.ServiceAccountKey("my-project"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	}
	for _, tc := range []struct {
		name    string
		set     func(*testing.T, *Server)
		scope   string
		refused string
	}{
		{"a key file lets in, as its service account", keyFile, Scope, ""},
		{"a token of another scope is refused", keyFile, "https://www.googleapis.com/auth/pubsub", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{"the metadata server lets in without a key file", func(t *testing.T, s *Server) {
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
			t.Setenv("HOME", t.TempDir()) // nor one that gcloud has left
			t.Setenv("GCE_METADATA_HOST", NewMetadataServer(s, "my-project").Host())
		}, Scope, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newTestServer(t, WithTokens("tok"))
			tc.set(t, s)
			creds, err := google.FindDefaultCredentials(t.Context(), tc.scope)
			if err != nil {
				t.Fatal(err)
			}
			if domain, err := creds.GetUniverseDomain(); creds.ProjectID != "my-project" || domain != "googleapis.com" || err != nil {
				t.Errorf("project %q, domain %q, %v", creds.ProjectID, domain, err)
			}
			client := oauth2.NewClient(t.Context(), creds.TokenSource)
			for range 2 {
				res, err := client.Post(s.URL+exportPath, "application/json", strings.NewReader(request()))
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				answer := response{res.StatusCode, res.Header, body}
				if tc.refused != "" {
					if e := answer.error(t); e.Code != 403 || e.Status != "PERMISSION_DENIED" || e.Details[0].Reason != tc.refused {
						t.Errorf("%+v", e)
					}
				} else if op, _ := s.Operation(answer.operation(t).Name); op.Caller != "eeexport@my-project.iam.gserviceaccount.com" {
					t.Errorf("caller %q", op.Caller)
				}
			}
			if n := s.TokensIssued(); n != 1 {
				t.Errorf("%d tokens", n)
			}
		})
	}
	t.Run("what is no JWT gets no token", func(t *testing.T) {
		s := newTestServer(t)
		if res := do(t, "POST", s.URL+tokenPath, "assertion=a.b", "Content-Type: application/x-www-form-urlencoded"); res.status != http.StatusBadRequest {
			t.Errorf("%d %s", res.status, res.body)
		}
	})
}
