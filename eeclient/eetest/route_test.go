package eetest

import (
	"strings"
	"testing"
)

func TestURLAndCredentialsAreChecked(t *testing.T) {
	tests := []struct {
		name    string
		method  string
		path    string
		headers []string
		status  int
		says    string
	}{
		{name: "v1 is served", path: "/v1/projects/p/classifier:export", status: 200},
		{name: "v1beta is served", path: "/v1beta/projects/p/classifier:export", status: 200},
		{name: "v1alpha is served", path: "/v1alpha/projects/p/classifier:export", status: 200},
		{name: "the query parameters of all Google APIs are accepted", path: exportPath + "?alt=json&prettyPrint=false&%24.xgafv=2", status: 200},
		{name: "a token scheme in lower case is accepted", path: exportPath, headers: []string{"Authorization: bearer tok"}, status: 200},
		{name: "another version is not found", path: "/v2/projects/p/classifier:export", status: 404},
		{name: "another resource is not found", path: "/v1/projects/p/image:export", status: 404},
		{name: "GET instead of POST is not found", method: "GET", path: exportPath, status: 404},
		{name: "POST instead of GET is not found", path: listPath, status: 404},
		{name: "an encoded slash is not a separator", path: "/v1/projects/p%2Fclassifier:export", status: 404},
		{name: "a project that cannot be one is refused", path: "/v1/projects/p%2Fq/classifier:export", status: 400, says: "project"},
		{name: "another query parameter is refused", path: exportPath + "?colour=1", status: 400, says: "colour"},
		{name: "no credentials are refused", path: exportPath, headers: []string{"Authorization: "}, status: 401, says: "missing required"},
		{name: "an empty token is refused", path: exportPath, headers: []string{"Authorization: Bearer  "}, status: 401},
		{name: "another scheme is refused", path: exportPath, headers: []string{"Authorization: Basic dG9r"}, status: 401},
	}
	s := newTestServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method := tt.method
			if method == "" {
				method = "POST"
			}
			res := do(t, method, s.URL+tt.path, request(), tt.headers...)
			if res.status != tt.status {
				t.Fatalf("status %d, want %d: %s", res.status, tt.status, res.body)
			}
			if tt.status == 200 {
				return
			}
			if e := res.error(t); e.Status != statusOf(tt.status) || !strings.Contains(e.Message, tt.says) {
				t.Errorf("%+v", e)
			}
			if challenge := res.header.Get("WWW-Authenticate"); (tt.status == 401) != strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("WWW-Authenticate %q", challenge)
			}
		})
	}
	t.Run("a token that was issued for another scope is refused", func(t *testing.T) {
		token := s.issuer.newToken("someone", []string{"https://www.googleapis.com/auth/pubsub"}).AccessToken
		e := do(t, "POST", s.URL+exportPath, request(), "Authorization: Bearer "+token).error(t)
		if e.Code != 403 || e.Status != "PERMISSION_DENIED" || e.Reason() != "ACCESS_TOKEN_SCOPE_INSUFFICIENT" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("any other token is accepted", func(t *testing.T) {
		do(t, "POST", s.URL+exportPath, request(), "Authorization: Bearer whatever").operation(t)
	})
	t.Run("an emulator asks for none", func(t *testing.T) {
		s := newTestServer(t, Emulator())
		do(t, "POST", "http://"+s.Host()+exportPath, request(), "Authorization: ").operation(t)
	})
}
