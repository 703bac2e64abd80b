package eeclient

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/eeexport/eeclient/rpcstatus"
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

// errorFromAnswer reads an answer that is not a success. Only Google's own body
// is quoted.
func errorFromAnswer(code int, header http.Header, body []byte) *Error {
	said, google := rpcstatus.Parse(code, body)
	e := &Error{
		Code: code, Status: cmp.Or(said.Status, rpcstatus.CodeName(code)), Reason: text.Clip(said.Reason(), maxWordBytes),
		Message: text.Clip(said.Message, maxMessageBytes), Details: said.Details,
		RetryAfter: cmp.Or(retryAfter(header, time.Now()), min(said.Details.RetryDelay(), maxRetryAfter)),
		Quota:      quotaHeaders(header), google: google,
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("answered %d %s", code, http.StatusText(code))
	}
	e.judge(&said)
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
