package outcome

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
)

// errorMessageBytes bounds how much of Earth Engine's message is passed on.
const errorMessageBytes = 1024

// InvalidRequest is the outcome of a request that breaks rules. More is set if
// it has violations beyond those listed.
func InvalidRequest(violations []eeclient.FieldViolation, more bool) *Outcome {
	o := &Outcome{Kind: Invalid, Reason: "INVALID_REQUEST", Violations: violations}
	first := violations[0]
	o.Message = first.Description
	if first.Field != "" {
		o.Message = first.Field + ": " + first.Description
	}
	switch n := len(violations) - 1; {
	case more:
		o.Message += " (the first of many violations)"
	case n == 1:
		o.Message += " (and 1 other violation)"
	case n > 1:
		o.Message += fmt.Sprintf(" (and %d other violations)", n)
	}
	return o
}

// InvalidField is the outcome of a request with one violation outside its body.
func InvalidField(field, description string) *Outcome {
	return InvalidRequest([]eeclient.FieldViolation{{Field: field, Description: description}}, false)
}

// MethodNotAllowed is the outcome of a request that is not a POST.
func MethodNotAllowed() *Outcome {
	return &Outcome{Kind: WrongMethod, Reason: "METHOD_NOT_ALLOWED", Message: "send the request with POST"}
}

// RequestTooLarge is the outcome of a request of more than limit bytes.
func RequestTooLarge(limit int64) *Outcome {
	return &Outcome{Kind: TooLarge, Reason: "REQUEST_TOO_LARGE",
		Message: fmt.Sprintf("the request is larger than the %d bytes that this deployment accepts", limit)}
}

// Denied is the outcome of a request that names something that the deployment does
// not allow: what is "project", "asset" or "read".
func Denied(reason, what, name, message string) *Outcome {
	return &Outcome{Kind: NotAllowed, Reason: reason, Message: message,
		Metadata: map[string]string{what: text.Clip(name, errorMessageBytes)}}
}

// FromEarthEngine is the outcome of a submission that failed. It depends on whose
// fault that is.
func FromEarthEngine(err *eeclient.Error) *Outcome {
	o := &Outcome{RetryAfter: err.RetryAfter, MayHaveStarted: err.MayHaveStarted, Cause: err}
	switch {
	case err.Reason == eeclient.ReasonRequestIDReused:
		o.Kind, o.Reason = RequestIDReused, err.Reason
		o.Message = err.Message
		o.Metadata = map[string]string{"operation": err.Operation}
	case err.Reason == eeclient.ReasonDuplicateRequest:
		o.Kind, o.Reason, o.code, o.status = Refused, err.Reason, err.Code, err.Status
		o.Message = err.Message
	case err.OutcomeUnknown():
		o.Kind, o.Reason = Unknown, "OUTCOME_UNKNOWN"
		o.Message = "Earth Engine refused the request, but an earlier attempt may have started the export: send the request again with the same request ID"
	case err.Blame == eeclient.Request:
		o.Kind, o.Reason, o.code, o.status = Refused, "EARTH_ENGINE_REFUSED", err.Code, err.Status
		for _, v := range err.Details.FieldViolations() {
			o.Violations = append(o.Violations, eeclient.FieldViolation{
				Field: text.Clip(v.Field, errorMessageBytes), Description: text.Clip(v.Description, errorMessageBytes)})
		}
		o.Message = "Earth Engine refused the request: " + err.Message
	case err.Blame == eeclient.Quota:
		o.Kind, o.Reason = Quota, "EARTH_ENGINE_QUOTA"
		o.Message = "Earth Engine's quota is used up for now: " + err.Message
	case err.Blame == eeclient.Deployment:
		o.Kind, o.Reason = NotAccepted, "DEPLOYMENT_NOT_ACCEPTED"
		o.Message = "Earth Engine does not accept this deployment for now; see its log"
		o.Cause = fmt.Errorf("%w; %s", err, err.Remedy)
	case err.Reason == eeclient.ReasonOperationNotListed:
		o.Kind, o.Reason = Unknown, "OUTCOME_UNKNOWN"
		o.Message = "an export with this request ID has started, but its Operation is not listed yet: send the request again"
	case err.Status == "DEADLINE_EXCEEDED" && err.Code == 0:
		o.Kind, o.Reason = DeadlinePassed, "DEADLINE_EXCEEDED"
		o.Message = "the deadline passed before Earth Engine answered"
	default:
		// Messages of the network or a proxy are only logged.
		o.Kind, o.Reason = Unavailable, "EARTH_ENGINE_UNAVAILABLE"
		o.Message = "Earth Engine could not be reached or failed: send the request again"
	}
	return o
}

// NotPublished is the outcome of an export that has started but whose Operation
// could not be published.
func NotPublished(op *eeclient.Operation, cause error) *Outcome {
	return &Outcome{Kind: Unpublished, Reason: "OPERATION_NOT_PUBLISHED", Operation: op, Cause: cause, MayHaveStarted: true,
		Message:  "the export has started, but its Operation could not be published: send the request again with the same request ID",
		Metadata: map[string]string{"operation": op.Name()}}
}

// Overdue is the outcome of a request that has waited too long; last is the
// outcome of its last delivery.
func Overdue(last *Outcome, age fmt.Stringer) *Outcome {
	o := &Outcome{Kind: Expired, Reason: "EXPIRED", RequestID: last.RequestID, Operation: last.Operation,
		MayHaveStarted: true, Cause: last.Cause, Metadata: maps.Clone(last.Metadata)}
	o.Message = fmt.Sprintf("the request has waited for %s, longer than REQUEST_MAX_AGE; last: %s", age, last.Message)
	return o
}

// NotConnected is the outcome of a request for which the function could not get
// its credentials, its project or a client.
func NotConnected(cause error) *Outcome {
	if errors.Is(cause, context.DeadlineExceeded) {
		return &Outcome{Kind: DeadlinePassed, Reason: "DEADLINE_EXCEEDED", Cause: cause,
			Message: "the deadline passed before the function had found its credentials"}
	}
	return Failed(fmt.Errorf("the configuration is wrong: %w", cause))
}

// Failed is the outcome of a fault of the function. The answer does not hold
// the cause.
func Failed(cause error) *Outcome {
	return &Outcome{Kind: Internal, Reason: "INTERNAL", Message: "the function failed; see its log", Cause: cause}
}
