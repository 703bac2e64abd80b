package eetest

import (
	"net/http"
	"slices"
	"strings"
)

// Scope is the OAuth scope that Earth Engine requires.
const Scope = "https://www.googleapis.com/auth/earthengine"

// cloudPlatform is the other scope that Earth Engine accepts.
const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// EmulatorCaller is the caller of every request to an Emulator.
const EmulatorCaller = "emulator"

// authenticate returns the caller.
func (s *Server) authenticate(r *http.Request) (caller string, refusal *apiError) {
	if s.emulator {
		return EmulatorCaller, nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", &apiError{
			http: http.StatusUnauthorized,
			message: "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid " +
				"authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
			details:   []any{newErrorInfo("CREDENTIALS_MISSING", googleDomain, nil)},
			challenge: realm,
		}
	}
	if grant, ok := s.issuer.grant(token); ok {
		if !slices.Contains(grant.scopes, Scope) && !slices.Contains(grant.scopes, cloudPlatform) {
			return "", &apiError{
				http:    http.StatusForbidden,
				message: "Request had insufficient authentication scopes.",
				details: []any{newErrorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", googleDomain,
					map[string]string{"service": "earthengine.googleapis.com"})},
				challenge: realm + `, error="insufficient_scope", scope="` + Scope + `"`,
			}
		}
		return grant.account, nil
	}
	return token, nil
}

// realm begins each WWW-Authenticate header.
const realm = `Bearer realm="https://accounts.google.com/"`
