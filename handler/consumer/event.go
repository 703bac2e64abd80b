package consumer

import (
	"time"

	"example.com/eeexport/eeclient"
)

// Event is a *[Started], *[Succeeded], *[Failed], *[Cancelled] or
// *[RequestFailed].
type Event interface {
	// EventID returns the ce-id. Each copy of an event has the same.
	EventID() string
}

// Meta is what every event has.
type Meta struct {
	// ID is the ce-id.
	ID string
	// Source is the ce-source: //earthengine.googleapis.com/projects/*.
	Source string
	// Time is when it happened; the zero time if the event does not say.
	Time time.Time
	// TraceParent is the W3C trace context of the request; it may be empty.
	TraceParent string
}

// EventID returns the ce-id.
func (m *Meta) EventID() string { return m.ID }

// Export is what the events of an Operation have in common.
type Export struct {
	Meta
	// Operation is the Operation as Earth Engine described it.
	Operation *eeclient.Operation
	// Project was charged for the export: projects/*.
	Project string
	// Asset is the name of the asset: projects/*/assets/**.
	Asset string
	// RequestID is the request ID of the export.
	RequestID string
	// WorkloadTag labels the computation in bills; it may be empty.
	WorkloadTag string
}

// Started means that Earth Engine has started an Operation.
type Started struct{ Export }

// End is what the events of an Operation that has ended have in common.
type End struct {
	Export
	// EECUSeconds is the compute used, in EECU-seconds; 0 if Earth Engine did
	// not say.
	EECUSeconds float64
}

// Succeeded means that the asset has been written.
type Succeeded struct{ End }

// Cancelled means that somebody has cancelled the Operation.
type Cancelled struct{ End }

// Failed means that the Operation has failed.
type Failed struct {
	End
	// Reason is OPERATION_NOT_FOUND if Earth Engine no longer knows the
	// Operation. Operation is then the one that was started.
	Reason string
}

// Message returns why the Operation failed, for a person.
func (f *Failed) Message() string {
	if _, message := f.Operation.Failure(); message != "" {
		return message
	}
	if f.Reason != "" {
		return "Earth Engine no longer knows the Operation"
	}
	return "Earth Engine gave no reason"
}

// RequestFailed means that a request can never succeed.
type RequestFailed struct {
	Meta
	// Code is the name of the google.rpc.Code, such as INVALID_ARGUMENT.
	Code string
	// Reason is a constant that says why, and Message explains it to a person.
	Reason, Message string
	// Violations are what is wrong with an invalid request.
	Violations []eeclient.FieldViolation
	// RequestID is the request ID used.
	RequestID string
	// Operation is the name of the Operation that was started nevertheless, or
	// that the request ID belongs to; empty if there is none.
	Operation string
	// DeliveryAttempt is how often the request was delivered; 0 if unknown.
	DeliveryAttempt int
	// MayHaveStarted is set if an earlier attempt may have started an export.
	MayHaveStarted bool
	// Request is the request as it was received. It may be anything.
	Request []byte
}
