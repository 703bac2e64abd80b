package eeclient

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/eeexport/eeclient/resource"
)

// exportType is the type of the Operations that ExportClassifier starts.
const exportType = "EXPORT_CLASSIFIER"

// otherTypes are the types of other kinds of task. A type that is not known
// proves nothing, since Earth Engine may rename its own.
var otherTypes = []string{
	"EXPORT_IMAGE", "EXPORT_FEATURES", "EXPORT_TABLE", "EXPORT_TILES", "EXPORT_MAP", "EXPORT_VIDEO",
	"EXPORT_VIDEO_MAP", "INGEST", "INGEST_IMAGE", "INGEST_TABLE", "INGEST_FEATURES",
}

// clockSkew is the largest difference expected between Earth Engine's clock and
// the one behind a request's times.
const clockSkew = 10 * time.Second

// isAnothers reports whether op, which Earth Engine returned for r, belongs to
// another request. Earth Engine answers a repeated request ID with the
// Operation of the first request, whatever the second one contains.
func (r *ExportClassifierRequest) isAnothers(op *Operation) bool {
	return slices.Contains(otherTypes, op.Type()) ||
		differ(resource.ProjectOf(op.Name()), r.Project) ||
		contradict(op.Description(), r.Description) && r.isTooOld(op)
}

// isTooOld reports whether op, which has another description than r, was created
// before any delivery of r that can have asked for that description.
func (r *ExportClassifierRequest) isTooOld(op *Operation) bool {
	since := r.NotBefore
	if since.IsZero() && !r.DescriptionVaries {
		since = r.Arrival
	}
	return createdBefore(op, since)
}

// isMine reports whether op, an entry of a list, is the Operation that r's
// request ID has started. Unlike an answer to r, an entry needs positive proof.
func (r *ExportClassifierRequest) isMine(op *Operation) bool {
	if op.Type() != exportType || r.isOlder(op) || contradict(op.Description(), r.Description) {
		return false
	}
	if len(op.DestinationURIs()) > 0 { // set once it has succeeded
		return writes(op, r.Destination.Name)
	}
	return op.Description() != "" && op.Description() == r.Description
}

// isOlder reports whether op was created before any delivery of r can have
// started it.
func (r *ExportClassifierRequest) isOlder(op *Operation) bool {
	return !r.NotBefore.IsZero() && createdBefore(op, r.NotBefore.Add(-clockSkew))
}

// startedBefore reports whether an earlier delivery than this one started op;
// if op has no createTime, it returns otherwise.
func (r *ExportClassifierRequest) startedBefore(op *Operation, otherwise bool) bool {
	if op.CreateTime().IsZero() {
		return otherwise
	}
	return createdBefore(op, r.Arrival)
}

// createdBefore reports whether op is known to have been created before t. If
// its createTime has no fraction, whole seconds are compared.
func createdBefore(op *Operation, t time.Time) bool {
	created := op.CreateTime()
	if created.Nanosecond() == 0 {
		t = t.Truncate(time.Second)
	}
	return !created.IsZero() && !t.IsZero() && created.Before(t)
}

// reused returns the error of a request ID that has started another request's
// Operation.
func (r *ExportClassifierRequest) reused(op *Operation) *Error {
	return &Error{
		Code: http.StatusConflict, Status: "ALREADY_EXISTS", Reason: ReasonRequestIDReused, Blame: Request, Operation: op.Name(),
		Message: fmt.Sprintf("the request ID %s has started the Operation %s for another request: choose another ID", r.RequestID, op.Name()),
	}
}

// idIsNamedIn reports whether a message of ALREADY_EXISTS is about the request
// ID, and not about the asset.
func (r *ExportClassifierRequest) idIsNamedIn(message string) bool {
	// The asset's name may hold the words, or the ID.
	message = strings.NewReplacer(r.Destination.Name, "", legacyID(r.Destination.Name), "").Replace(message)
	lower := strings.ToLower(message)
	for _, words := range []string{"request id", "request_id", "requestid"} {
		if strings.Contains(lower, words) {
			return true
		}
	}
	// The ID must stand alone, since it may be a part of the asset's name.
	return slices.Contains(strings.FieldsFunc(message, func(c rune) bool {
		return c >= 0x80 || !resource.IsAlnum(byte(c)) && !strings.ContainsRune("-_/", c)
	}), r.RequestID)
}

// differ reports whether two projects are known to be different. An ID compares
// with an ID, and a number with a number.
func differ(a, b string) bool { return a != b && isNumber(a) == isNumber(b) }

func isNumber(project string) bool {
	return strings.Trim(strings.TrimPrefix(project, "projects/"), "0123456789") == ""
}

// contradict reports whether two descriptions cannot belong to one request. One
// may be a prefix of the other, since Earth Engine may shorten them.
func contradict(a, b string) bool {
	return a != "" && b != "" && !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}

// writes reports whether op writes the asset. Its URIs are links to the Code
// Editor that end in the asset's name, or in the ID of a legacy asset.
func writes(op *Operation, asset string) bool {
	id := legacyID(asset)
	for _, uri := range op.DestinationURIs() {
		if strings.HasSuffix(uri, "="+asset) || strings.HasSuffix(uri, "="+id) || strings.HasSuffix(uri, "/"+asset) {
			return true
		}
	}
	return false
}

// legacyID returns the older ID of an asset in earthengine-legacy, such as
// users/me/rf, or the name of any other.
func legacyID(asset string) string {
	return strings.TrimPrefix(asset, "projects/earthengine-legacy/assets/")
}
