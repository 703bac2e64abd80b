package eetest

import (
	"cmp"
	"net/http"
	"strings"
)

// apiError is a refusal in the form of all Google APIs.
type apiError struct {
	http    int
	status  string // google.rpc.Code; by default that of the HTTP status
	message string
	details []any
	// legacyReason is the one in errors[], the older form; "" for none.
	legacyReason string
	// challenge is the WWW-Authenticate header of a 401.
	challenge string
}

// A fieldViolation is one entry of google.rpc.BadRequest.
type fieldViolation struct {
	Field       string `json:"field,omitempty"`
	Description string `json:"description"`
}

// googleDomain is the domain of the ErrorInfos that all Google APIs share.
const googleDomain = "googleapis.com"

func newErrorInfo(reason, domain string, metadata map[string]string) map[string]any {
	info := map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain}
	if len(metadata) > 0 {
		info["metadata"] = metadata
	}
	return info
}

// invalidArgument reports all violations: the message has a line for each, and a
// BadRequest the fields.
func invalidArgument(violations ...fieldViolation) *apiError {
	lines := make([]string, len(violations))
	for i, v := range violations {
		lines[i] = v.Description
	}
	return &apiError{
		http:    http.StatusBadRequest,
		message: strings.Join(lines, "\n"),
		details: []any{map[string]any{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}},
	}
}

// answer renders the error as Google's error body.
func (e *apiError) answer() *answer {
	body := map[string]any{"code": e.http, "message": e.message, "status": cmp.Or(e.status, statusOf(e.http))}
	if len(e.details) > 0 {
		body["details"] = e.details
	}
	if e.legacyReason != "" {
		body["errors"] = []any{map[string]string{"message": e.message, "domain": "global", "reason": e.legacyReason}}
	}
	a := &answer{status: e.http, body: marshal(map[string]any{"error": body})}
	if e.challenge != "" {
		a.set("WWW-Authenticate", e.challenge)
	}
	return a
}

// statuses are the names of the google.rpc.Codes that Google's APIs send with an
// HTTP status; the most common one if there are several.
var statuses = map[int]string{
	401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 408: "DEADLINE_EXCEEDED", 409: "ALREADY_EXISTS",
	429: "RESOURCE_EXHAUSTED", 499: "CANCELLED",
	500: "INTERNAL", 501: "UNIMPLEMENTED", 502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}

// statusOf returns the name of an HTTP status.
func statusOf(code int) string {
	if code >= 400 && code < 500 {
		return cmp.Or(statuses[code], "INVALID_ARGUMENT")
	}
	return cmp.Or(statuses[code], "UNKNOWN")
}
