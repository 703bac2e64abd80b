package eeclient

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Reasons that this package gives itself; all others are Earth Engine's.
const (
	// ReasonRequestIDReused: the request ID has started another request's
	// Operation.
	ReasonRequestIDReused = "REQUEST_ID_REUSED"
	// ReasonOperationNotListed: the request ID has been used, and no list holds
	// its Operation yet.
	ReasonOperationNotListed = "OPERATION_NOT_LISTED"
	// ReasonDuplicateRequest: the request ID has been used, and its Operation
	// cannot be told from others.
	ReasonDuplicateRequest = "DUPLICATE_REQUEST"
)

// Error is a call that failed. The zero Error is nobody's fault, so that the
// call may be sent again.
type Error struct {
	// Code is the HTTP status that Earth Engine answered with; 0 if no answer
	// arrived.
	Code int
	// Status is the name of the google.rpc.Code, such as INVALID_ARGUMENT. It
	// is RESOURCE_EXHAUSTED for every quota, whatever status Earth Engine gave.
	Status string
	// Reason is the reason of the answer's google.rpc.ErrorInfo, or the first
	// one in its errors[], or one of this package's; "" if there is none.
	Reason string
	// Message is Earth Engine's own message, or what went wrong on the way. It
	// holds no token and no request, and is clipped.
	Message string
	// Details are the google.rpc details of the answer, as sent.
	Details []json.RawMessage
	// Blame is whose fault it is, and with that whether the same call can
	// succeed later.
	Blame Blame
	// Remedy is what somebody has to do about a fault of the deployment; "" for
	// other faults.
	Remedy string
	// RetryAfter is how long Earth Engine asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// MayHaveStarted reports whether any attempt of the call may have had its
	// effect: it may have reached Earth Engine, and no definite refusal came
	// back. It stays true whatever later attempts were answered.
	MayHaveStarted bool
	// Operation is the name of the Operation that the request ID has started
	// for another request; "" with other reasons.
	Operation string
	// Quota holds the answer's headers about quotas, by their names.
	Quota map[string]string

	cause  error
	soon   bool // another attempt within seconds can succeed
	google bool // the body was Google's error, not a proxy's page
}

// Error returns the status and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("earth engine: %s: %s", e.Status, e.Message)
}

// Unwrap returns the error of the network, the credentials or the context
// beneath, if any. Its text may hold parts of a credential: do not log it.
func (e *Error) Unwrap() error { return e.cause }

// NotFound reports whether Earth Engine itself, and not a proxy before it, says
// that what was asked for does not exist.
func (e *Error) NotFound() bool { return e.google && e.Status == "NOT_FOUND" }

// OutcomeUnknown reports whether the request was refused, but only after an
// attempt that may have started its export. The same request ID, sent again
// once the cause of the refusal is mended, tells.
func (e *Error) OutcomeUnknown() bool {
	return e.Blame.Permanent() && e.MayHaveStarted && e.Reason != ReasonDuplicateRequest
}

// FieldViolation is one way in which Earth Engine finds a request invalid:
// google.rpc's BadRequest.FieldViolation.
type FieldViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// FieldViolations returns those of the error's google.rpc.BadRequest; none if
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
