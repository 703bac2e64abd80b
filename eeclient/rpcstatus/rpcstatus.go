// Package rpcstatus reads the error body of Google's APIs: a google.rpc.Status
// with its details, as JSON (https://google.aip.dev/193).
package rpcstatus

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Status is the error object of an answer
// (https://cloud.google.com/apis/design/errors#http_mapping).
type Status struct {
	Code    int     `json:"code"`   // the HTTP status
	Status  string  `json:"status"` // the name of the google.rpc.Code
	Message string  `json:"message"`
	Details Details `json:"details"`
	// Errors is the list of errors of the older form.
	Errors []struct {
		Reason string `json:"reason"`
	} `json:"errors"`
}

// Parse reads the body of an answer with the HTTP status code, and reports
// whether it is Google's: an error object whose code is that number, or whose
// status is the name of a google.rpc.Code. A message alone is not enough, since
// proxies write such JSON too. For any other body it returns the zero Status. Its
// field Status is "" unless the body holds such a name.
func Parse(code int, body []byte) (Status, bool) {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var s Status
	if json.Unmarshal(body, &answer) != nil || !unmarshal(answer.Error, &s) {
		return Status{}, false
	}
	if !isCodeName(s.Status) {
		if s.Code != code {
			return Status{}, false
		}
		s.Status = ""
	}
	return s, true
}

// Reasons returns the reasons of all ErrorInfos, then those of the older form.
func (s *Status) Reasons() (reasons []string) {
	for _, info := range s.Details.ErrorInfos() {
		reasons = append(reasons, info.Reason)
	}
	for _, older := range s.Errors {
		reasons = append(reasons, older.Reason)
	}
	return reasons
}

// Reason returns the first of the Reasons; "" if there is none.
func (s *Status) Reason() string {
	if reasons := s.Reasons(); len(reasons) > 0 {
		return reasons[0]
	}
	return ""
}

// Details are the google.rpc messages of a Status, as sent.
type Details []json.RawMessage

// ErrorInfo is google.rpc.ErrorInfo.
type ErrorInfo struct {
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata"`
}

// ErrorInfos returns the details that are a google.rpc.ErrorInfo.
func (d Details) ErrorInfos() []ErrorInfo { return all[ErrorInfo](d, "ErrorInfo") }

// FieldViolation is google.rpc's BadRequest.FieldViolation: a field, and how it
// is invalid.
type FieldViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// FieldViolations returns the violations in all details that are a
// google.rpc.BadRequest.
func (d Details) FieldViolations() (violations []FieldViolation) {
	for _, request := range all[struct {
		Violations []FieldViolation `json:"fieldViolations"`
	}](d, "BadRequest") {
		violations = append(violations, request.Violations...)
	}
	return violations
}

// RetryDelay returns the delay of the first google.rpc.RetryInfo that can be read;
// 0 if there is none. It is never negative.
func (d Details) RetryDelay() time.Duration {
	for _, info := range all[struct {
		Delay string `json:"retryDelay"` // a google.protobuf.Duration: "1.5s"
	}](d, "RetryInfo") {
		if delay, err := time.ParseDuration(info.Delay); err == nil {
			return max(0, delay)
		}
	}
	return 0
}

// all returns the details that are the google.rpc message of the given kind.
func all[T any](details Details, kind string) (found []T) {
	for _, detail := range details {
		var is struct {
			Type string `json:"@type"`
		}
		var d T
		if unmarshal(detail, &is) && strings.HasSuffix(is.Type, "/google.rpc."+kind) && unmarshal(detail, &d) {
			found = append(found, d)
		}
	}
	return found
}

// unmarshal reads what it can of a JSON object, and reports whether it is one. A
// member of another type than documented must not hide the rest.
func unmarshal(data []byte, v any) bool {
	err := json.Unmarshal(data, v)
	var mismatch *json.UnmarshalTypeError
	return err == nil || errors.As(err, &mismatch) && mismatch.Field != ""
}

// codes are the names of google.rpc.Code with the HTTP status of each
// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
// Of several names with one status, CodeName returns the first.
var codes = []struct {
	name string
	http int
}{
	{"INVALID_ARGUMENT", 400}, {"FAILED_PRECONDITION", 400}, {"OUT_OF_RANGE", 400},
	{"UNAUTHENTICATED", 401}, {"PERMISSION_DENIED", 403}, {"NOT_FOUND", 404},
	{"ABORTED", 409}, {"ALREADY_EXISTS", 409}, {"RESOURCE_EXHAUSTED", 429}, {"CANCELLED", 499},
	{"INTERNAL", 500}, {"UNKNOWN", 500}, {"DATA_LOSS", 500},
	{"UNIMPLEMENTED", 501}, {"UNAVAILABLE", 503}, {"DEADLINE_EXCEEDED", 504},
}

// isCodeName reports whether s is the name of a google.rpc.Code.
func isCodeName(s string) bool {
	for _, c := range codes {
		if c.name == s {
			return true
		}
	}
	return false
}

// CodeName returns the name of the google.rpc.Code for an HTTP status. For one
// without a name of its own it returns FAILED_PRECONDITION (4xx), INTERNAL (5xx) or
// UNKNOWN.
func CodeName(status int) string {
	for _, c := range codes {
		if c.http == status {
			return c.name
		}
	}
	switch {
	case status >= 400 && status < 500:
		return "FAILED_PRECONDITION"
	case status >= 500:
		return "INTERNAL"
	}
	return "UNKNOWN"
}
