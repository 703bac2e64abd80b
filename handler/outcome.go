package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/eeexport/eeclient"
)

// Kind is how a request ended. All that follows from it, the HTTP status, the
// acknowledgement and the log's severity, stands in one table.
type Kind int

// The kinds of outcome, in the order of the pipeline.
const (
	// Exported: the Operation has started and its name is on the topic.
	Exported Kind = iota
	// Validated: the request is good, and was asked to go no further.
	Validated
	// Watched: a tick of the watcher has done what could be done.
	Watched
	// WrongMethod: the HTTP method is not POST.
	WrongMethod
	// TooLarge: the request is larger than the deployment accepts.
	TooLarge
	// Unauthenticated: the webhook's signature is missing or wrong.
	Unauthenticated
	// Invalid: the request is malformed or breaks a rule.
	Invalid
	// NotAllowed: the request names what the deployment does not allow.
	NotAllowed
	// Refused: Earth Engine will not take the request.
	Refused
	// Quota: Earth Engine is asked too much of for now.
	Quota
	// Unavailable: Earth Engine cannot be reached or fails.
	Unavailable
	// DeadlinePassed: the time for the request ran out.
	DeadlinePassed
	// Unpublished: the Operation has started, but its name is not on the topic.
	Unpublished
	// Internal: the function itself is at fault.
	Internal
)

// row is what follows from a kind.
type row struct {
	name   string // in the log
	code   int    // HTTP; an Outcome's own code goes before it
	status string // google.rpc.Code; likewise
	// permanent: the same request can never succeed. An event that ends so is
	// done with once it has been published to the failures topic.
	permanent bool
	// published: an event that ends so is acknowledged as it is.
	published bool
	severity  slog.Level
	// retryAfter is what the sender is told to wait where Earth Engine named
	// nothing; 0 for no word of it.
	retryAfter time.Duration
}

// table is the contract's table of outcomes.
var table = [...]row{
	Exported:        {name: "exported", code: http.StatusOK, published: true, severity: slog.LevelInfo},
	Validated:       {name: "validated", code: http.StatusOK, published: true, severity: slog.LevelInfo},
	Watched:         {name: "watched", code: http.StatusOK, published: true, severity: slog.LevelInfo},
	WrongMethod:     {name: "wrong method", code: http.StatusMethodNotAllowed, status: "INVALID_ARGUMENT", permanent: true, severity: slog.LevelWarn},
	TooLarge:        {name: "too large", code: http.StatusRequestEntityTooLarge, status: "INVALID_ARGUMENT", permanent: true, severity: slog.LevelWarn},
	Unauthenticated: {name: "unauthenticated", code: http.StatusUnauthorized, status: "UNAUTHENTICATED", permanent: true, severity: slog.LevelWarn},
	Invalid:         {name: "invalid", code: http.StatusBadRequest, status: "INVALID_ARGUMENT", permanent: true, severity: slog.LevelWarn},
	NotAllowed:      {name: "not allowed", code: http.StatusForbidden, status: "PERMISSION_DENIED", permanent: true, severity: slog.LevelWarn},
	Refused:         {name: "refused", code: http.StatusBadRequest, status: "INVALID_ARGUMENT", permanent: true, severity: slog.LevelWarn},
	Quota:           {name: "quota", code: http.StatusTooManyRequests, status: "RESOURCE_EXHAUSTED", severity: slog.LevelWarn, retryAfter: 30 * time.Second},
	Unavailable:     {name: "unavailable", code: http.StatusServiceUnavailable, status: "UNAVAILABLE", severity: slog.LevelError, retryAfter: 10 * time.Second},
	DeadlinePassed:  {name: "deadline passed", code: http.StatusGatewayTimeout, status: "DEADLINE_EXCEEDED", severity: slog.LevelError},
	Unpublished:     {name: "unpublished", code: http.StatusServiceUnavailable, status: "UNAVAILABLE", severity: slog.LevelError, retryAfter: 10 * time.Second},
	Internal:        {name: "internal", code: http.StatusInternalServerError, status: "INTERNAL", severity: slog.LevelError},
}

// class says whether the same request can help later.
func (r *row) class() string {
	switch {
	case r.published:
		return "success"
	case r.permanent:
		return "permanent"
	case r.status == "INTERNAL":
		return "internal" // a person has to mend it
	}
	return "transient"
}

// String returns the kind's name, as it stands in the log.
func (k Kind) String() string { return table[k].name }

// Outcome is how one request ended, and what its sender is told.
type Outcome struct {
	Kind Kind
	// RequestID is the request ID used; "" where the pipeline did not get so far.
	RequestID string
	// Operation is what Earth Engine started; nil for most failures.
	Operation *eeclient.Operation
	// MessageID is the Pub/Sub message that carries it.
	MessageID string

	// Reason says in one word why a request failed, such as
	// OPERATION_NOT_PUBLISHED; Message says it to a person.
	Reason, Message string
	// Metadata are names that a sender's program can use.
	Metadata map[string]string
	// Violations are what is wrong with an invalid request.
	Violations []Violation
	// RetryAfter is how long the sender should wait; 0 for the kind's own.
	RetryAfter time.Duration

	body   []byte  // the answer to a tick
	code   int     // Earth Engine's, where it refused
	status string  // likewise
	cause  error   // for the log: what the sender is not told
	pc     uintptr // where in the source it was decided
}

// Code returns the HTTP status.
func (o *Outcome) Code() int {
	if o.code != 0 {
		return o.code
	}
	return table[o.Kind].code
}

// Status returns the name of the google.rpc.Code; "" for a success.
func (o *Outcome) Status() string {
	if o.status != "" {
		return o.status
	}
	return table[o.Kind].status
}

// Permanent tells whether the same request can never succeed.
func (o *Outcome) Permanent() bool { return table[o.Kind].permanent }

// retryAfter returns what the sender is told to wait; 0 for nothing.
func (o *Outcome) retryAfter() time.Duration {
	if table[o.Kind].retryAfter == 0 {
		return 0
	}
	if o.RetryAfter > 0 {
		return o.RetryAfter
	}
	return table[o.Kind].retryAfter
}

func invalid(v *violations) *Outcome {
	o := &Outcome{Kind: Invalid, Reason: "INVALID_REQUEST", Violations: v.list}
	first := v.list[0]
	o.Message = first.Description
	if first.Field != "" {
		o.Message = first.Field + ": " + first.Description
	}
	switch n := len(v.list) - 1; {
	case v.more:
		o.Message += " (the first of many violations)"
	case n == 1:
		o.Message += " (and 1 other violation)"
	case n > 1:
		o.Message += fmt.Sprintf(" (and %d other violations)", n)
	}
	return o
}

// invalidField is the outcome of a request with one thing wrong outside of its
// body.
func invalidField(field, description string) *Outcome {
	return invalid(&violations{list: []Violation{{field, description}}})
}

func wrongMethod() *Outcome {
	return &Outcome{Kind: WrongMethod, Reason: "METHOD_NOT_ALLOWED", Message: "send the request with POST"}
}

func tooLarge(most int64) *Outcome {
	return &Outcome{Kind: TooLarge, Reason: "REQUEST_TOO_LARGE",
		Message: fmt.Sprintf("the request is larger than the %d bytes that are accepted here", most)}
}

func notAllowed(reason, what, name, variable string) *Outcome {
	return &Outcome{Kind: NotAllowed, Reason: reason,
		Message:  fmt.Sprintf("the %s %s is not among those that this deployment allows (%s)", what, quote(name), variable),
		Metadata: map[string]string{what: name}}
}

// fromEarthEngine is the outcome of a submission that failed.
func fromEarthEngine(err *eeclient.Error) *Outcome {
	o := &Outcome{RetryAfter: err.RetryAfter, cause: err, pc: callerPC()}
	switch {
	case err.Blame.Permanent() && !err.OutcomeUnknown():
		o.Kind, o.Reason = Refused, "EARTH_ENGINE_REFUSED"
		if err.Reason == eeclient.ReasonDuplicateRequest || err.Reason == eeclient.ReasonRequestIDReused {
			o.Reason = err.Reason
		}
		o.code, o.status = err.Code, err.Status
		var found violations
		for _, v := range err.FieldViolations() {
			found.add(clip(v.Field, maxAttributeBytes), clip(v.Description, maxAttributeBytes))
		}
		o.Violations = found.list
		o.Message = "Earth Engine refused the request: " + err.Message
	case err.Status == "RESOURCE_EXHAUSTED":
		o.Kind, o.Reason = Quota, "EARTH_ENGINE_QUOTA"
		o.Message = "Earth Engine's quota is used up for now: " + err.Message
	case err.Status == "DEADLINE_EXCEEDED" && err.Code == 0:
		o.Kind, o.Reason = DeadlinePassed, "DEADLINE_EXCEEDED"
		o.Message = "the deadline passed before Earth Engine answered"
	default:
		// What the network or a proxy said is for the log.
		o.Kind, o.Reason = Unavailable, "EARTH_ENGINE_UNAVAILABLE"
		o.Message = "Earth Engine could not be reached or failed; the request may be sent again"
	}
	return o
}

func unpublished(op *eeclient.Operation, requestID string, cause error) *Outcome {
	return &Outcome{Kind: Unpublished, Reason: "OPERATION_NOT_PUBLISHED", Operation: op, cause: cause, pc: callerPC(),
		Message:  "the export has started, but its Operation could not be published: send the request again with the same request ID",
		Metadata: map[string]string{"operation": op.Name(), "requestId": requestID}}
}

// notConnected is the outcome of a request that came before the function had
// what it needs: a configuration that is wrong, or time that ran out.
func notConnected(cause error) *Outcome {
	if errors.Is(cause, context.DeadlineExceeded) {
		return &Outcome{Kind: DeadlinePassed, Reason: "DEADLINE_EXCEEDED", cause: cause, pc: callerPC(),
			Message: "the deadline passed before the function had found its credentials"}
	}
	return &Outcome{Kind: Internal, Reason: "INTERNAL", Message: internalMessage, pc: callerPC(),
		cause: fmt.Errorf("the configuration is wrong: %w", cause)}
}

// internalMessage is all that a sender is told of a fault of the function's own.
const internalMessage = "the function has failed; its log says why"

func internal(cause error) *Outcome {
	return &Outcome{Kind: Internal, Reason: "INTERNAL", Message: internalMessage, cause: cause, pc: callerPC()}
}
