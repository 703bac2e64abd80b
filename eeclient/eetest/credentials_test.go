package eetest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// TestDefaultCredentials goes the way of every Google client library.
func TestDefaultCredentials(t *testing.T) {
	call := func(t *testing.T, s *Server, scopes ...string) (*google.Credentials, response) {
		t.Helper()
		creds, err := google.FindDefaultCredentials(t.Context(), scopes...)
		if err != nil {
			t.Fatal(err)
		}
		client := oauth2.NewClient(t.Context(), creds.TokenSource)
		var last response
		for range 2 {
			res, err := client.Post(s.URL+exportPath, "application/json", strings.NewReader(request(`{"requestId":"one"}`)))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			last = response{res.StatusCode, res.Header, body}
		}
		return creds, last
	}
	keyFile := func(t *testing.T, key []byte) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(file, key, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	}

	t.Run("a key file lets in, as its service account", func(t *testing.T) {
		s := newTestServer(t, WithTokens("tok"))
		keyFile(t, s.ServiceAccountKey("my-project"))
		creds, res := call(t, s, Scope)
		name := res.operation(t).Name
		if op, _ := s.Operation(name); op.Caller != "eeexport@my-project.iam.gserviceaccount.com" {
			t.Errorf("caller %q", op.Caller)
		}
		if creds.ProjectID != "my-project" || s.TokensIssued() != 1 {
			t.Errorf("project %q, %d tokens", creds.ProjectID, s.TokensIssued())
		}
		if domain, err := creds.GetUniverseDomain(); domain != "googleapis.com" || err != nil {
			t.Error(domain, err)
		}
	})
	t.Run("a token of another scope is refused", func(t *testing.T) {
		s := newTestServer(t)
		keyFile(t, s.ServiceAccountKey("my-project"))
		_, res := call(t, s, "https://www.googleapis.com/auth/pubsub")
		if e := res.error(t); e.Code != 403 || e.Status != "PERMISSION_DENIED" || e.Details[0].Reason != "ACCESS_TOKEN_SCOPE_INSUFFICIENT" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("another server's key gets no token", func(t *testing.T) {
		s, other := newTestServer(t), newTestServer(t)
		s.ServiceAccountKey("my-project") // the account exists
		key := strings.Replace(string(other.ServiceAccountKey("my-project")), other.URL, s.URL, -1)
		keyFile(t, []byte(key))
		creds, err := google.FindDefaultCredentials(t.Context(), Scope)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := creds.TokenSource.Token(); err == nil || !strings.Contains(err.Error(), "Invalid JWT Signature") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the metadata server lets in without a key file", func(t *testing.T) {
		s := newTestServer(t, WithTokens("tok"))
		m := NewMetadataServer(s, "my-project")
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
		t.Setenv("HOME", t.TempDir()) // nor one that gcloud has left
		t.Setenv("GCE_METADATA_HOST", m.Host())
		creds, res := call(t, s, Scope)
		name := res.operation(t).Name
		if op, _ := s.Operation(name); op.Caller != "eeexport@my-project.iam.gserviceaccount.com" {
			t.Errorf("caller %q", op.Caller)
		}
		if creds.ProjectID != "my-project" || s.TokensIssued() != 1 {
			t.Errorf("project %q, %d tokens", creds.ProjectID, s.TokensIssued())
		}
		if domain, err := creds.GetUniverseDomain(); domain != "googleapis.com" || err != nil {
			t.Error(domain, err)
		}
	})
}

func TestTokenEndpoint(t *testing.T) {
	s := newTestServer(t)
	s.ServiceAccountKey("my-project")
	now := time.Now()
	good := claims{Issuer: accountOf("my-project"), Audience: s.URL + "/token", Scope: Scope, IssuedAt: now.Unix(), Expires: now.Add(time.Hour).Unix()}
	with := func(change func(*claims)) string {
		c := good
		change(&c)
		return s.issuer.sign(c)
	}
	tests := []struct {
		name      string
		grant     string
		assertion string
		refused   string
	}{
		{name: "a signed assertion gets a token", assertion: with(func(*claims) {})},
		{name: "another grant is refused", grant: "password", assertion: with(func(*claims) {}), refused: "unsupported_grant_type"},
		{name: "no assertion is refused", refused: "invalid_grant"},
		{name: "an unknown account is refused", assertion: with(func(c *claims) { c.Issuer = "someone@else" }), refused: "invalid_grant"},
		{name: "another audience is refused", assertion: with(func(c *claims) { c.Audience = "https://oauth2.googleapis.com/token" }), refused: "invalid_grant"},
		{name: "an assertion that has expired is refused", assertion: with(func(c *claims) { c.IssuedAt -= 7200; c.Expires -= 7200 }), refused: "invalid_grant"},
		{name: "one from the future is refused", assertion: with(func(c *claims) { c.IssuedAt += 7200; c.Expires += 7200 }), refused: "invalid_grant"},
		{name: "one for longer than an hour is refused", assertion: with(func(c *claims) { c.Expires += 7200 }), refused: "invalid_grant"},
		{name: "no scope is refused", assertion: with(func(c *claims) { c.Scope = "" }), refused: "invalid_scope"},
		{name: "a broken signature is refused", assertion: with(func(*claims) {}) + "A", refused: "invalid_grant"},
		{name: "what is no JWT is refused", assertion: "a.b", refused: "invalid_grant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.grant == "" {
				tt.grant = jwtGrant
			}
			form := url.Values{"grant_type": {tt.grant}, "assertion": {tt.assertion}}
			res := do(t, "POST", s.URL+"/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
			var got struct {
				AccessToken string `json:"access_token"`
				Error       string
			}
			decode(t, res.body, &got)
			if got.Error != tt.refused || (res.status == 200) != (tt.refused == "") || (got.AccessToken != "") != (tt.refused == "") {
				t.Errorf("%d %s", res.status, res.body)
			}
		})
	}
	t.Run("GET is refused", func(t *testing.T) {
		if res := do(t, "GET", s.URL+"/token", ""); res.status != http.StatusMethodNotAllowed || res.header.Get("Allow") != "POST" {
			t.Errorf("%d %s", res.status, res.body)
		}
	})
}

func TestMetadataServer(t *testing.T) {
	const account = "eeexport@my-project.iam.gserviceaccount.com"
	s := newTestServer(t)
	m := NewMetadataServer(s, "my-project")
	base := "http://" + m.Host()
	const v1 = "/computeMetadata/v1/"
	tests := []struct {
		name   string
		path   string
		flavor string
		status int
		body   string // as a whole, or its beginning if it ends in "*"
	}{
		{"its root says what it is", "/", "", 200, "*"},
		{"a request without the header is refused", v1 + "project/project-id", "", 403, "*"},
		{"it knows its project", v1 + "project/project-id", "Google", 200, "my-project"},
		{"and the project's number", v1 + "project/numeric-project-id", "Google", 200, "100000000001"},
		{"and the region", v1 + "instance/region", "Google", 200, "projects/100000000001/regions/us-central1"},
		{"and the zone", v1 + "instance/zone", "Google", 200, "projects/100000000001/zones/us-central1-a"},
		{"and the instance", v1 + "instance/id", "Google", 200, "1*"},
		{"the universe is the default", v1 + "universe/universe-domain", "Google", 404, "*"},
		{"accounts are listed", v1 + "instance/service-accounts/", "Google", 200, "default/\n" + account + "/\n"},
		{"the account can be read in one go", v1 + "instance/service-accounts/default/?recursive=true", "Google", 200, "{*"},
		{"it has an address", v1 + "instance/service-accounts/default/email", "Google", 200, account},
		{"and aliases", v1 + "instance/service-accounts/" + account + "/aliases", "Google", 200, "default\n"},
		{"and scopes", v1 + "instance/service-accounts/default/scopes", "Google", 200, cloudPlatform + "\n" + Scope + "\n"},
		{"and an identity", v1 + "instance/service-accounts/default/identity?audience=https://a&format=full", "Google", 200, "ey*"},
		{"but none without an audience", v1 + "instance/service-accounts/default/identity", "Google", 400, "*"},
		{"another account is not found", v1 + "instance/service-accounts/other/email", "Google", 404, "*"},
		{"nor is another field", v1 + "instance/service-accounts/default/colour", "Google", 404, "*"},
		{"nor is another version", "/computeMetadata/v2/project/project-id", "Google", 404, "*"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := do(t, "GET", base+tt.path, "", "Metadata-Flavor: "+tt.flavor)
			prefix, open := strings.CutSuffix(tt.body, "*")
			if res.status != tt.status || !strings.HasPrefix(string(res.body), prefix) || (!open && string(res.body) != tt.body) {
				t.Errorf("%d %s", res.status, res.body)
			}
			if got := res.header.Get("Metadata-Flavor"); got != "Google" {
				t.Errorf("Metadata-Flavor %q", got)
			}
		})
	}
	t.Run("an identity is signed for its audience", func(t *testing.T) {
		res := do(t, "GET", base+v1+"instance/service-accounts/default/identity?audience=https://a&format=full", "", "Metadata-Flavor: Google")
		var c claims
		if err := decodePart(strings.Split(string(res.body), ".")[1], &c); err != nil || c.Audience != "https://a" || c.Email != account {
			t.Errorf("%+v %v", c, err)
		}
	})
	t.Run("it closes with the Server", func(t *testing.T) {
		s.Close()
		req, _ := http.NewRequestWithContext(context.Background(), "GET", base, nil)
		if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
			res.Body.Close()
			t.Error("an answer after Close")
		}
	})
}
