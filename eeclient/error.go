package eeclient

import (
	"fmt"
	"time"

	"example.com/eeexport/eeclient/rpcstatus"
)

// Reasons that this package sets; all others are Earth Engine's.
const (
	// ReasonRequestIDReused: the request ID has started another request's
	// Operation.
	ReasonRequestIDReused = "REQUEST_ID_REUSED"
	// ReasonOperationNotListed: the request ID has been used, and no list holds
	// its Operation yet.
	ReasonOperationNotListed = "OPERATION_NOT_LISTED"
	// ReasonDuplicateRequest: the request ID has been used, and its Operation
	// cannot be found.
	ReasonDuplicateRequest = "DUPLICATE_REQUEST"
)

// Error is the error of a call. The zero Error is nobody's fault, so the call may
// be repeated.
type Error struct {
	// Code is the HTTP status that Earth Engine answered with; 0 if no answer
	// arrived.
	Code int
	// Status is the name of the google.rpc.Code, such as INVALID_ARGUMENT. It
	// is RESOURCE_EXHAUSTED for every quota, whatever status Earth Engine sent.
	Status string
	// Reason is the reason of the answer's google.rpc.ErrorInfo, or the first
	// one in its errors[], or one of this package's; "" if there is none.
	Reason string
	// Message is Earth Engine's message, or describes what failed on the way. It
	// is clipped, and holds no credential and no part of the request's body.
	Message string
	// Details are the google.rpc details of the answer, as sent.
	Details rpcstatus.Details
	// Blame is whose fault it is, and so whether the same call can succeed
	// later.
	Blame Blame
	// Remedy is what the operator can do about a fault of the deployment; "" for
	// other faults.
	Remedy string
	// RetryAfter is how long Earth Engine asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// MayHaveStarted is set if any attempt may have started the export: it may
	// have reached Earth Engine, and no definite refusal came back. The answers
	// to later attempts do not change that.
	MayHaveStarted bool
	// Operation is the name of another request's Operation, if the reason is
	// ReasonRequestIDReused.
	Operation string
	// Quota holds the answer's headers about quotas, by their names.
	Quota map[string]string

	cause  error
	soon   bool // another attempt within seconds can succeed
	google bool // the answer is Google's error body, not a proxy's page
}

// Error returns the status and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("earth engine: %s: %s", e.Status, e.Message)
}

// Unwrap returns the underlying error of the network, the credentials or the
// context, if any. Do not log it: its text may hold parts of a credential.
func (e *Error) Unwrap() error { return e.cause }

// NotFound reports whether Earth Engine itself, and not a proxy, says that the
// resource does not exist.
func (e *Error) NotFound() bool { return e.google && e.Status == "NOT_FOUND" }

// OutcomeUnknown reports whether the request was refused after an attempt that
// may have started its export. Sending it again with the same request ID
// settles it.
func (e *Error) OutcomeUnknown() bool {
	return e.Blame.Permanent() && e.MayHaveStarted && e.Reason != ReasonDuplicateRequest
}

// FieldViolation is a field, and how it is invalid.
type FieldViolation = rpcstatus.FieldViolation
