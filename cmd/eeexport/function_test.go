package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

func TestDefaultAudience(t *testing.T) {
	for _, tc := range []struct{ name, url, want string }{
		{"Cloud Run expects the service's origin", "https://export-abc.a.run.app/v1beta/projects/p/classifier:export", "https://export-abc.a.run.app"},
		{"a query is not a part of it", "https://export-abc.a.run.app?validateOnly=true", "https://export-abc.a.run.app"},
		{"a port is", "https://example.com:8443/x", "https://example.com:8443"},
		{"cloudfunctions.net expects the function's name as well", "https://us-central1-p.cloudfunctions.net/export/v1beta/projects/p/classifier:export", "https://us-central1-p.cloudfunctions.net/export"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u, err := url.Parse(tc.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := defaultAudience(u); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.0.1": true, "::1": true,
		"localhost.example.com": false, "10.0.0.1": false, "0.0.0.0": false, "export-abc.a.run.app": false, "": false,
	} {
		if got := isLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// TestIDToken gets a token with a service account's key file, from an OAuth
// server that shows for what audience it was asked.
func TestIDToken(t *testing.T) {
	oauth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, rest, _ := strings.Cut(r.FormValue("assertion"), ".")
		claims, _, _ := strings.Cut(rest, ".")
		// The claims of the assertion serve as those of the ID token.
		json.NewEncoder(w).Encode(map[string]string{"id_token": "e30." + claims + ".c2ln"})
	}))
	defer oauth.Close()
	tokens := eetest.NewServer()
	defer tokens.Close()
	key := strings.ReplaceAll(string(tokens.ServiceAccountKey("p")), tokens.URL+"/token", oauth.URL)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", write(t, "key.json", key))

	for _, tc := range []struct{ name, url, audience, want string }{
		{"a function on another machine gets one for its origin", "https://export-abc.a.run.app/x", "", "https://export-abc.a.run.app"},
		{"--audience overrides that", "https://export.example.com", "custom", "custom"},
		{"a function on this machine gets none", "http://127.0.0.1:1", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := newFunctionClient(t.Context(), tc.url, tc.audience, "")
			if err != nil {
				t.Fatal(err)
			}
			var claims struct {
				Audience string `json:"target_audience"`
			}
			if parts := strings.Split(c.token, "."); len(parts) == 3 {
				text, err := base64.RawURLEncoding.DecodeString(parts[1])
				if err != nil || json.Unmarshal(text, &claims) != nil {
					t.Fatalf("token %q", c.token)
				}
			}
			if claims.Audience != tc.want {
				t.Errorf("token for %q, want %q", claims.Audience, tc.want)
			}
		})
	}
}

func TestSubmitSaysWhatToDoWithoutCredentials(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", write(t, "user.json", `{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}`))
	command(t, string(requests.Get(requests.Cart)), "submit", "-", "--url", "https://export-abc.a.run.app").check(t, exitFailed, "--token-file <(gcloud auth print-identity-token)")
}

func TestTokenFileIsSent(t *testing.T) {
	var got string
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		w.Write([]byte("{}"))
	}))
	defer function.Close()
	r := command(t, "{}", "submit", "-", "--url", function.URL, "--validate-only", "--token-file", write(t, "token", "a.b.c\n"))
	if r.status != exitOK || got != "Bearer a.b.c" {
		t.Errorf("Authorization: %q, %+v", got, r)
	}
}
