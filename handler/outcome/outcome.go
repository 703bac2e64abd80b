// Package outcome describes how a request ended and how its sender is answered.
// An Outcome is a value: a kind, and what is particular to this request. One
// table derives the HTTP status, the acknowledgement of an event and the
// severity in the log from the kind.
package outcome

import (
	"fmt"
	"log/slog"
	"time"

	"example.com/eeexport/eeclient"
)

// Outcome is how one request ended, and how its sender is answered.
type Outcome struct {
	// Kind says how. The zero Kind is [Internal].
	Kind Kind
	// RequestID is the request ID used; empty if none was settled.
	RequestID string
	// Operation is what Earth Engine started; nil for most failures.
	Operation *eeclient.Operation
	// Replayed is set if an earlier delivery started the Operation.
	Replayed bool
	// MessageID is the Pub/Sub message that carries the Operation.
	MessageID string

	// Reason is a constant that says why a request failed, such as
	// OPERATION_NOT_PUBLISHED; Message explains it to a person.
	Reason, Message string
	// Metadata holds additional values for the sender's program.
	Metadata map[string]string
	// Violations are what is wrong with an invalid request.
	Violations []eeclient.FieldViolation
	// RetryAfter is how long the sender should wait; 0 for the kind's default.
	RetryAfter time.Duration
	// MayHaveStarted is set if an attempt may have started an export although
	// the request failed.
	MayHaveStarted bool
	// Cause is for the log only, not for the sender.
	Cause error

	// Body is the answer to a tick.
	Body []byte
	// Settled is set if the event's Operation, its failure or the event itself
	// is published. Only then is the event acknowledged.
	Settled bool

	code   int    // Earth Engine's, if it refused
	status string // likewise
}

// Code returns the HTTP status.
func (o *Outcome) Code() int {
	if o.code != 0 {
		return o.code
	}
	return table[o.Kind].code
}

// Status returns the name of the google.rpc.Code; empty for a success.
func (o *Outcome) Status() string {
	if o.status != "" {
		return o.status
	}
	return table[o.Kind].status
}

// Class says what can be done about the outcome.
func (o *Outcome) Class() Class { return table[o.Kind].class }

// Severity returns the level of the request's log line.
func (o *Outcome) Severity() slog.Level { return table[o.Kind].severity }

// LogMessage describes in one line how the request ended. The violations of an
// invalid request may quote a secret, so the log has only their number.
func (o *Outcome) LogMessage() string {
	switch {
	case o.Kind == Exported:
		return fmt.Sprintf("%s: %s", o.Kind, o.Operation.Name())
	case o.Kind == Invalid:
		return fmt.Sprintf("%s: violations: %d", o.Kind, len(o.Violations))
	case o.Message != "":
		return fmt.Sprintf("%s: %s", o.Kind, o.Message)
	}
	return o.Kind.String()
}

// retryAfter returns how long the sender should wait; 0 for no advice.
func (o *Outcome) retryAfter() time.Duration {
	if table[o.Kind].retryAfter > 0 && o.RetryAfter > 0 {
		return o.RetryAfter
	}
	return table[o.Kind].retryAfter
}
