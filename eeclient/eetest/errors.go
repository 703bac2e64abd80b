package eetest

import (
	"cmp"
	"fmt"
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

type badRequest struct {
	Type            string           `json:"@type"`
	FieldViolations []fieldViolation `json:"fieldViolations"`
}

type errorInfo struct {
	Type     string            `json:"@type"`
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

func newErrorInfo(reason string, metadata map[string]string) errorInfo {
	return errorInfo{"type.googleapis.com/google.rpc.ErrorInfo", reason, "googleapis.com", metadata}
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
		details: []any{badRequest{"type.googleapis.com/google.rpc.BadRequest", violations}},
	}
}

func notFound(format string, args ...any) *apiError {
	return &apiError{http: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

// answer renders the error as Google's error body.
func (e *apiError) answer() *answer {
	type legacy struct {
		Message string `json:"message"`
		Domain  string `json:"domain"`
		Reason  string `json:"reason"`
	}
	type body struct {
		Code    int      `json:"code"`
		Message string   `json:"message"`
		Errors  []legacy `json:"errors,omitempty"`
		Status  string   `json:"status"`
		Details []any    `json:"details,omitempty"`
	}
	b := body{Code: e.http, Message: e.message, Status: cmp.Or(e.status, statusOf(e.http)), Details: e.details}
	if e.legacyReason != "" {
		b.Errors = []legacy{{e.message, "global", e.legacyReason}}
	}
	a := &answer{status: e.http, body: marshal(map[string]body{"error": b})}
	if e.challenge != "" {
		a.set("WWW-Authenticate", e.challenge)
	}
	return a
}

// statusOf names the google.rpc.Code that Google's APIs send with an HTTP status;
// the most common one if there are several.
func statusOf(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusConflict:
		return "ALREADY_EXISTS"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case 499:
		return "CANCELLED"
	case http.StatusInternalServerError:
		return "INTERNAL"
	case http.StatusNotImplemented:
		return "UNIMPLEMENTED"
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	if code >= 400 && code < 500 {
		return "INVALID_ARGUMENT"
	}
	return "UNKNOWN"
}
