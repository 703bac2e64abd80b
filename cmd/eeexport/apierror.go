package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"example.com/eeexport/eeclient"
)

// apiError is a refusal or failure in Google's error model
// (https://cloud.google.com/apis/design/errors#error_model), whoever it is of.
type apiError struct {
	Code       int
	Status     string
	Message    string
	Reason     string
	Metadata   map[string]string
	Violations []eeclient.FieldViolation
}

// newAPIError reads the answer of a function. What is not Google's error body,
// such as a proxy's page, is quoted.
func newAPIError(code int, body []byte) *apiError {
	var answer struct {
		Error struct {
			Status  string            `json:"status"`
			Message string            `json:"message"`
			Details []json.RawMessage `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error.Message == "" {
		return &apiError{Code: code, Status: strings.ToUpper(http.StatusText(code)), Message: quoted(body)}
	}
	e := &apiError{Code: code, Status: answer.Error.Status, Message: answer.Error.Message}
	e.readDetails(answer.Error.Details)
	return e
}

// fromEarthEngine is the same for a call that went straight to Earth Engine.
func fromEarthEngine(err *eeclient.Error) *apiError {
	e := &apiError{Code: err.Code, Status: err.Status, Message: "Earth Engine: " + err.Message}
	e.readDetails(err.Details)
	return e
}

func (e *apiError) readDetails(details []json.RawMessage) {
	for _, raw := range details {
		var detail struct {
			Reason     string                    `json:"reason"`
			Metadata   map[string]string         `json:"metadata"`
			Violations []eeclient.FieldViolation `json:"fieldViolations"`
		}
		// A detail that is not understood takes nothing from the message.
		if json.Unmarshal(raw, &detail) == nil {
			e.Reason += detail.Reason
			e.Metadata = detail.Metadata
			e.Violations = append(e.Violations, detail.Violations...)
		}
	}
}

// Error returns the first line of print.
func (e *apiError) Error() string {
	head := e.Status
	if e.Code != 0 {
		head = strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, e.Status))
	}
	if len(e.Violations) > 0 && strings.HasPrefix(e.Message, sentence(e.Violations[0])) {
		return head + ": " + plural(len(e.Violations), "violation")
	}
	return head + ": " + e.Message
}

// transient tells whether the same request can succeed later.
func (e *apiError) transient() bool {
	return e.Status == "RESOURCE_EXHAUSTED" || e.Code == http.StatusTooManyRequests || e.Code >= 500
}

// print tells all of it, a line for each field that is violated.
func (e *apiError) print(w io.Writer) {
	fmt.Fprintln(w, e.Error())
	for _, v := range e.Violations {
		fmt.Fprintf(w, "  %s\n", sentence(v))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Metadata)) {
		fmt.Fprintf(w, "  %s: %s\n", name, e.Metadata[name])
	}
}

// quoted makes the text of an unknown body fit for one line.
func quoted(body []byte) string {
	const most = 200
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "�")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	if text == "" {
		return "the answer is empty"
	}
	return text
}
