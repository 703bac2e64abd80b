package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/rpcstatus"
	"example.com/eeexport/eeclient/text"
)

// apiError is a refusal or failure in Google's error model
// (https://cloud.google.com/apis/design/errors#error_model): the function's,
// Earth Engine's, or that of the check on this machine.
type apiError struct {
	Code       int                       `json:"code,omitempty"` // the HTTP status; 0 if there was no call
	Status     string                    `json:"status,omitempty"`
	Reason     string                    `json:"reason,omitempty"`
	Message    string                    `json:"message"`
	Violations []eeclient.FieldViolation `json:"violations,omitempty"`
	Metadata   map[string]string         `json:"metadata,omitempty"`

	cause error
}

// Unwrap returns the error that it was made from, if any.
func (e *apiError) Unwrap() error { return e.cause }

// newAPIError reads the answer of a function. It quotes an answer that is not
// Google's error body, such as a proxy's page.
func newAPIError(code int, body []byte) *apiError {
	said, ok := rpcstatus.Parse(code, body)
	if !ok || said.Message == "" {
		return &apiError{Code: code, Status: strings.ToUpper(http.StatusText(code)), Message: quoted(body)}
	}
	return fromDetails(apiError{Code: code, Status: said.Status, Message: said.Message}, said.Details)
}

// fromEarthEngine converts the error of a call to Earth Engine.
func fromEarthEngine(err *eeclient.Error) *apiError {
	return fromDetails(apiError{Code: err.Code, Status: err.Status, Message: "Earth Engine: " + err.Message, cause: err}, err.Details)
}

// invalid is the refusal of a request on this machine.
func invalid(violations []eeclient.FieldViolation) *apiError {
	return &apiError{Status: "INVALID_ARGUMENT", Message: sentence(violations[0]), Violations: violations}
}

// fromDetails completes an error with the details of the answer.
func fromDetails(e apiError, details rpcstatus.Details) *apiError {
	for _, info := range details.ErrorInfos() {
		e.Reason, e.Metadata = info.Reason, info.Metadata
	}
	e.Violations = details.FieldViolations()
	return &e
}

// Error returns the status and the message, or the number of violations if these
// hold the message.
func (e *apiError) Error() string {
	head := e.Status
	if e.Code != 0 {
		head = strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, e.Status))
	}
	if len(e.Violations) > 0 && strings.HasPrefix(e.Message, sentence(e.Violations[0])) {
		return head + ": " + plural(len(e.Violations), "violation")
	}
	return head + ": " + text.OneLine(e.Message)
}

// transient reports whether the same request can succeed later.
func (e *apiError) transient() bool {
	return e.Status == "RESOURCE_EXHAUSTED" || e.Status == "UNAVAILABLE" || e.Code == http.StatusTooManyRequests || e.Code >= 500
}

// details returns a line for each violation and each name in the metadata.
func (e *apiError) details() (lines []string) {
	for _, v := range e.Violations {
		lines = append(lines, sentence(v))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Metadata)) {
		lines = append(lines, name+": "+e.Metadata[name])
	}
	return lines
}

// sentence returns a violation on one line.
func sentence(v eeclient.FieldViolation) string {
	if v.Field == "" {
		return text.OneLine(v.Description)
	}
	return text.OneLine(v.Field + ": " + v.Description)
}

// quoted returns an unexpected body on one line.
func quoted(body []byte) string {
	if line := text.OneLine(string(body)); line != "" {
		return text.Clip(line, 200)
	}
	return "the answer is empty"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
