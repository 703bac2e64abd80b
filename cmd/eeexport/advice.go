package main

import (
	"errors"
	"strings"

	"golang.org/x/oauth2"
)

// advised is an error with a sentence that says what to do about it.
type advised struct {
	error
	advice string
}

// Unwrap returns the error.
func (e advised) Unwrap() error { return e.error }

const (
	loginAdvice = "Run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS to a key file."
	localAdvice = "Nothing listens there. Is 'eeexport local' running?"
)

// adviceFor returns what to do about an error; "" if there is nothing to say. The
// error's own advice comes first.
func adviceFor(err error) string {
	var own advised
	var token *oauth2.RetrieveError
	switch {
	case errors.As(err, &own):
		return own.advice
	case errors.As(err, &token), strings.Contains(err.Error(), "could not find default credentials"):
		return loginAdvice
	case refusedHere(err.Error()):
		return localAdvice
	}
	return ""
}

// refusedHere reports whether a connection to this machine was refused. Of an
// error that came through gRPC only the text is left.
func refusedHere(message string) bool {
	return strings.Contains(message, "connection refused") &&
		(strings.Contains(message, "dial tcp 127.") || strings.Contains(message, "dial tcp [::1]"))
}
