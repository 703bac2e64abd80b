package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/oauth2"
)

// advised is an error with advice.
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

// adviceFor returns what to do about an error of a command; "" if there is no
// advice. The error's own advice comes first.
func adviceFor(cmd *cobra.Command, err error) string {
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
	if taken := takenPort.FindStringSubmatch(err.Error()); taken != nil {
		return portAdvice(cmd, taken[1])
	}
	return ""
}

var takenPort = regexp.MustCompile(`(\d+) is in use$`)

// portAdvice names the flag of the command that has set the port.
func portAdvice(cmd *cobra.Command, port string) (advice string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if value := f.Value.String(); value == port || strings.HasSuffix(value, ":"+port) {
			advice = fmt.Sprintf("Choose another one with --%s.", f.Name)
		}
	})
	return advice
}

// refusedHere reports whether a connection to this machine was refused. It reads
// the text, since that is all that gRPC leaves of an error.
func refusedHere(message string) bool {
	return strings.Contains(message, "connection refused") &&
		(strings.Contains(message, "dial tcp 127.") || strings.Contains(message, "dial tcp [::1]"))
}
