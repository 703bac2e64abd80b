package eeclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/eeexport/eeclient/text"
)

const (
	// maxMessageBytes bounds how much of a message is kept.
	maxMessageBytes = 2048
	// maxWordBytes bounds a reason, and the name and value of a quota header.
	maxWordBytes = 256
	// maxRetryAfter bounds how long an answer may ask to wait.
	maxRetryAfter = 24 * time.Hour
	// maxQuotaHeaders is how many quota headers are kept.
	maxQuotaHeaders = 8
)

// googleError is Google's error body
// (https://cloud.google.com/apis/design/errors#http_mapping), including the list
// of errors of its older form.
type googleError struct {
	Code    json.RawMessage   `json:"code"`
	Message string            `json:"message"`
	Status  string            `json:"status"`
	Details []json.RawMessage `json:"details"`
	Errors  []struct {
		Reason string `json:"reason"`
	} `json:"errors"`
}

// errorInfo is google.rpc.ErrorInfo.
type errorInfo struct {
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata"`
}

// parseGoogleError reads the body of an answer with the HTTP status code, and
// reports whether it is Google's: an error object whose code is that number, or
// whose status is the name of a google.rpc.Code. A message alone is not enough,
// since proxies write such JSON too.
func parseGoogleError(code int, body []byte) (googleError, bool) {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var e googleError
	if json.Unmarshal(body, &answer) != nil || !unmarshal(answer.Error, &e) {
		return googleError{}, false
	}
	if string(e.Code) != strconv.Itoa(code) && !isCodeName(e.Status) {
		return googleError{}, false
	}
	if !isCodeName(e.Status) {
		e.Status = ""
	}
	return e, true
}

// unmarshal reads what it can of a JSON object, and reports whether it is one. A
// member of another type than documented must not hide the rest.
func unmarshal(data []byte, v any) bool {
	err := json.Unmarshal(data, v)
	var mismatch *json.UnmarshalTypeError
	return err == nil || errors.As(err, &mismatch) && mismatch.Field != ""
}

// detailsOf returns the details that are the google.rpc message of the given
// kind.
func detailsOf[T any](details []json.RawMessage, kind string) (all []T) {
	for _, detail := range details {
		var is struct {
			Type string `json:"@type"`
		}
		var d T
		if unmarshal(detail, &is) && strings.HasSuffix(is.Type, "/google.rpc."+kind) && unmarshal(detail, &d) {
			all = append(all, d)
		}
	}
	return all
}

// infos returns the ErrorInfo details.
func (e *googleError) infos() []errorInfo { return detailsOf[errorInfo](e.Details, "ErrorInfo") }

// errorFromAnswer reads an answer that is not a success. Only Google's own body
// is quoted.
func errorFromAnswer(code int, header http.Header, body []byte) *Error {
	e := &Error{Code: code, RetryAfter: retryAfter(header, time.Now()), Quota: quotaHeaders(header)}
	parsed, google := parseGoogleError(code, body)
	if e.google = google; google {
		e.Status, e.Details = parsed.Status, parsed.Details
		e.Message = text.Clip(parsed.Message, maxMessageBytes)
		if reasons := parsed.reasons(); len(reasons) > 0 {
			e.Reason = text.Clip(reasons[0], maxWordBytes)
		}
	}
	if e.Status == "" {
		e.Status = codeName(code)
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("answered %d %s", code, http.StatusText(code))
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = retryInfo(e.Details)
	}
	e.judge(&parsed)
	return e
}

// badAnswer returns the error for an answer that cannot be read. If it was a
// success, the export has started, and a retry with the same request ID returns
// its Operation.
func badAnswer(code int, err error) *Error {
	return &Error{
		Code: code, Status: "UNAVAILABLE", Message: "the answer cannot be read: " + err.Error(),
		MayHaveStarted: true, cause: err, soon: true,
	}
}

// codes are the names of google.rpc.Code with the HTTP status of each
// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
// Of several names with one status, codeName returns the first.
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

// codeName names an HTTP status.
func codeName(status int) string {
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

// retryAfter reads the Retry-After header: seconds or an HTTP date (RFC 9110,
// 10.2.3). It is 0 if the header is absent or cannot be read.
func retryAfter(header http.Header, now time.Time) time.Duration {
	v := header.Get("Retry-After")
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return min(time.Duration(s)*time.Second, maxRetryAfter)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(0, t.Sub(now)), maxRetryAfter)
	}
	return 0
}

// retryInfo reads the delay of a google.rpc.RetryInfo, if there is one.
func retryInfo(details []json.RawMessage) time.Duration {
	for _, info := range detailsOf[struct {
		Delay string `json:"retryDelay"` // a google.protobuf.Duration: "1.5s"
	}](details, "RetryInfo") {
		if delay, err := time.ParseDuration(info.Delay); err == nil {
			return min(max(0, delay), maxRetryAfter)
		}
	}
	return 0
}

// quotaHeaders returns the headers about quotas, such as
// X-Earth-Engine-Quota-Status, clipped; nil if there are none.
func quotaHeaders(header http.Header) (quota map[string]string) {
	for name := range header {
		if !strings.Contains(strings.ToLower(name), "quota") || len(name) > maxWordBytes || len(quota) == maxQuotaHeaders {
			continue
		}
		if quota == nil {
			quota = make(map[string]string)
		}
		quota[name] = text.Clip(header.Get(name), maxWordBytes)
	}
	return quota
}
