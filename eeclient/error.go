package eeclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class says whether the same call can help later. It is decided here, once,
// from what Earth Engine or the network said.
type Class int

const (
	// Permanent: the same call will fail the same way.
	Permanent Class = iota
	// Transient: the same call, later, may succeed.
	Transient
)

// String returns "permanent" or "transient".
func (c Class) String() string {
	if c == Transient {
		return "transient"
	}
	return "permanent"
}

// Error is a call that did not succeed.
type Error struct {
	// Code is the HTTP status that Earth Engine answered with; 0 where no
	// whole answer arrived.
	Code int
	// Status is the name of the google.rpc.Code, such as INVALID_ARGUMENT. It
	// is RESOURCE_EXHAUSTED for every quota, also where Earth Engine reports a
	// full queue under another status.
	Status string
	// Message is Earth Engine's own message, or what went wrong on the way. It
	// holds no token and no request.
	Message string
	// Details are the google.rpc details that came with the error, as sent.
	Details []json.RawMessage
	// Class says whether the same call can help later.
	Class Class
	// RetryAfter is how long Earth Engine asked to wait; 0 where it did not.
	RetryAfter time.Duration

	cause    error
	soon     bool // another attempt within seconds can help
	answered bool // the body was Google's error, not a proxy's page
}

// Error returns the status and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("earth engine: %s: %s", e.Status, e.Message)
}

// Unwrap returns the fault of the network or the context beneath, if any.
func (e *Error) Unwrap() error { return e.cause }

// FromEarthEngine tells whether the error is Earth Engine's own word, and not
// that of a proxy or the network before it.
func (e *Error) FromEarthEngine() bool { return e.answered }

// queueFull is the message of the 3,000-task ceiling of an account. Which
// status it comes with is not documented, so it is the one fault told from its
// text.
const queueFull = "Too many tasks already in the queue"

// maxMessageBytes bounds how much of a message is kept.
const maxMessageBytes = 2048

// errorFromAnswer reads an answer that is not a success. Its body is Google's
// error body, or anything at all where a proxy answered; only the former is
// quoted.
func errorFromAnswer(code int, header http.Header, body []byte) *Error {
	var answer struct {
		Error struct {
			Message string            `json:"message"`
			Status  string            `json:"status"`
			Details []json.RawMessage `json:"details"`
		} `json:"error"`
	}
	e := &Error{Code: code, RetryAfter: retryAfter(header, time.Now())}
	if json.Unmarshal(body, &answer) == nil && (answer.Error.Status != "" || answer.Error.Message != "") {
		e.answered = true
		e.Status, e.Details = answer.Error.Status, answer.Error.Details
		e.Message = clip(answer.Error.Message, maxMessageBytes)
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("answered %d %s", code, http.StatusText(code))
	}
	if e.Status == "" {
		e.Status = StatusFromHTTP(code)
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = retryInfo(e.Details)
	}
	switch {
	case code >= 400 && code < 500 && strings.Contains(e.Message, queueFull):
		// Tasks leave the queue in minutes: waiting here would not help.
		e.Status, e.Class = "RESOURCE_EXHAUSTED", Transient
	case code == http.StatusTooManyRequests:
		e.Status, e.Class, e.soon = "RESOURCE_EXHAUSTED", Transient, true
	case code >= 400 && code < 500:
		e.Class = Permanent
	default:
		e.Class, e.soon = Transient, true
	}
	return e
}

// badAnswer is an answer that cannot be read. If it was a success the export has
// started, and the same request ID will give its Operation.
func badAnswer(code int, err error) *Error {
	return &Error{
		Code: code, Status: "UNAVAILABLE", Message: "the answer cannot be read: " + err.Error(),
		Class: Transient, cause: err, soon: true,
	}
}

// StatusFromHTTP gives the google.rpc.Code name that Google's servers use for
// an HTTP status
// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
func StatusFromHTTP(code int) string {
	switch code {
	case http.StatusBadRequest:
		return "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusConflict:
		return "ABORTED"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case 499:
		return "CANCELLED"
	case http.StatusNotImplemented:
		return "UNIMPLEMENTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	switch {
	case code >= 400 && code < 500:
		return "FAILED_PRECONDITION"
	case code >= 500:
		return "INTERNAL"
	}
	return "UNKNOWN"
}

// retryAfter reads the Retry-After header: seconds or an HTTP date (RFC 9110,
// 10.2.3). It is 0 where the header is absent or cannot be read.
func retryAfter(header http.Header, now time.Time) time.Duration {
	v := header.Get("Retry-After")
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// retryInfo reads the delay of a google.rpc.RetryInfo, where there is one.
func retryInfo(details []json.RawMessage) time.Duration {
	for _, detail := range details {
		var info struct {
			Type  string `json:"@type"`
			Delay string `json:"retryDelay"` // a google.protobuf.Duration: "1.5s"
		}
		if json.Unmarshal(detail, &info) == nil && strings.HasSuffix(info.Type, "/google.rpc.RetryInfo") {
			if delay, err := time.ParseDuration(info.Delay); err == nil {
				return max(0, delay)
			}
		}
	}
	return 0
}

// FieldViolation is one way in which Earth Engine finds a request invalid:
// google.rpc's BadRequest.FieldViolation.
type FieldViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// FieldViolations returns those of the error's google.rpc.BadRequest; none where
// it has no such detail.
func (e *Error) FieldViolations() (violations []FieldViolation) {
	for _, detail := range e.Details {
		var request struct {
			Type       string           `json:"@type"`
			Violations []FieldViolation `json:"fieldViolations"`
		}
		if json.Unmarshal(detail, &request) == nil && strings.HasSuffix(request.Type, "/google.rpc.BadRequest") {
			violations = append(violations, request.Violations...)
		}
	}
	return violations
}

// clip shortens s to at most n bytes without splitting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
