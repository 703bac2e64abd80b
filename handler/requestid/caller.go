package requestid

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// Caller returns the subject of the request's ID token, or "" if it carries
// none. The platform has verified the token before the function sees it
// (https://cloud.google.com/run/docs/authenticating/service-to-service) and
// prefers the first of these headers, so the signature is not checked again.
func Caller(h http.Header) string {
	for _, name := range []string{"X-Serverless-Authorization", "Authorization"} {
		if value := h.Get(name); value != "" {
			return subject(value)
		}
	}
	return ""
}

func subject(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	parts := strings.Split(strings.TrimSpace(token), ".")
	if !strings.EqualFold(scheme, "Bearer") || len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct {
		Subject string `json:"sub"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Subject
}
