package eeclient

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	// listsLag is how long a new Operation may be missing from lists.
	listsLag = 10 * time.Minute

	// findPageSize is the largest page that Earth Engine returns.
	findPageSize = 500
)

// findExport looks for the Operation that r's request ID has started; exists is
// the answer that says there is one. Earth Engine does not list request IDs, so
// findExport compares other fields, and returns no Operation if several match: a
// wrong one is worse than none.
func (c *Client) findExport(ctx context.Context, r *ExportClassifierRequest, exists *Error) (*Export, *Error) {
	var found []*Operation
	for op, err := range c.ListOperations(ctx, &ListOperationsRequest{Project: r.Project, PageSize: findPageSize}) {
		var fault *Error
		if errors.As(err, &fault) {
			if fault.Blame != Request {
				fault.MayHaveStarted = true
				return nil, fault
			}
			found = nil // the list was refused, not the export
			break
		}
		if r.isMine(op) {
			found = append(found, op)
		}
	}
	if len(found) == 1 {
		replayed := r.startedBefore(found[0], !exists.MayHaveStarted)
		return &Export{Operation: found[0], Replayed: replayed, Quota: exists.Quota}, nil
	}
	if first := r.FirstDelivery; !first.IsZero() && r.Arrival.Sub(first) >= listsLag {
		return nil, &Error{
			Code: http.StatusConflict, Status: "ALREADY_EXISTS", Reason: ReasonDuplicateRequest, Blame: Request, MayHaveStarted: true,
			Message: "an export with this request ID was started before, but its Operation cannot be found: look for it in the list of tasks",
			cause:   exists, Quota: exists.Quota,
		}
	}
	return nil, &Error{
		Code: http.StatusConflict, Status: "UNAVAILABLE", Reason: ReasonOperationNotListed, MayHaveStarted: true,
		Message: "an export with this request ID was started, but its Operation is not listed yet",
		cause:   exists, Quota: exists.Quota,
	}
}
