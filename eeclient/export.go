package eeclient

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// ExportClassifierRequest is the request of projects.classifier.export. Its
// fields are those of
// https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export.
type ExportClassifierRequest struct {
	// Version is the API version: v1, v1beta or v1alpha; [DefaultVersion] if
	// empty.
	Version string
	// Project is charged for the export: projects/{id or number}.
	Project string
	// Expression is a JSON object that evaluates to the classifier. Its parts
	// are sent one after the other, byte for byte and without a copy. They may
	// change once ExportClassifier has returned.
	Expression [][]byte
	// Description is what people see in the list of tasks.
	Description string
	// RequestID makes the call safe to repeat: Earth Engine starts one Operation
	// for each caller and request ID. It has at most 60 characters: a-z, A-Z,
	// 0-9 and -. A call without a request ID is never retried.
	RequestID string
	// Destination is the asset to write.
	Destination EarthEngineDestination
	// WorkloadTag labels the computation in bills.
	WorkloadTag string
	// Priority is 0 to 9999; nil for Earth Engine's default of 100.
	Priority *int32

	// The fields below are not sent. They identify this request's Operation. A
	// zero time is unknown.

	// NotBefore is the earliest time at which this delivery of the request, or
	// an earlier one, can have started an Operation.
	NotBefore time.Time
	// FirstDelivery is the time of the first delivery of the request.
	FirstDelivery time.Time
	// Arrival is the time at which this delivery arrived.
	Arrival time.Time
	// DescriptionVaries is set if the description holds the time of arrival, so
	// other deliveries of this request may have other descriptions.
	DescriptionVaries bool
}

// EarthEngineDestination is the asset in which the classifier is saved.
type EarthEngineDestination struct {
	// Name is the asset: projects/*/assets/**.
	Name string
	// Overwrite replaces an asset that exists; nil for Earth Engine's default of
	// false.
	Overwrite *bool
}

// Export is an export that has started.
type Export struct {
	// Operation is the one that the request ID has started.
	Operation *Operation
	// Replayed is set if an earlier delivery of the request started it.
	Replayed bool
	// Quota holds the answer's headers about quotas, by their names.
	Quota map[string]string
}

// ExportClassifier starts an export, or finds the one that the request ID has
// started. A call that carries a request ID is retried within ctx, and all
// attempts reach the same Operation. Another request's Operation is an error
// with [ReasonRequestIDReused]. The error is an *Error.
func (c *Client) ExportClassifier(ctx context.Context, r *ExportClassifierRequest) (*Export, error) {
	var op *Operation
	rpc := &call{
		method:     http.MethodPost,
		path:       "/" + cmp.Or(r.Version, DefaultVersion) + "/" + escapeName(r.Project) + "/classifier:export",
		body:       r.body(),
		idempotent: r.RequestID != "",
		read:       readOperation(&op),
	}
	fault := c.do(ctx, rpc)
	switch {
	case fault == nil && r.isAnothers(op):
		return nil, r.reused(op)
	case fault == nil:
		return &Export{Operation: op, Replayed: r.startedBefore(op, false), Quota: rpc.quota}, nil
	case fault.google && fault.Status == "ALREADY_EXISTS" && r.idIsNamedIn(fault.Message):
		export, fault := c.findExport(ctx, r, fault)
		if fault != nil {
			return nil, fault
		}
		return export, nil
	}
	return nil, fault
}

// body writes the request around the expression.
func (r *ExportClassifierRequest) body() *body {
	rest := make([]byte, 0, 256+len(r.Description)+len(r.Destination.Name))
	rest = appendString(rest, "description", r.Description)
	rest = appendString(rest, "requestId", r.RequestID)
	rest = append(rest, `,"assetExportOptions":{"earthEngineDestination":{"name":`...)
	rest = appendQuote(rest, r.Destination.Name)
	if r.Destination.Overwrite != nil {
		rest = append(rest, `,"overwrite":`...)
		rest = strconv.AppendBool(rest, *r.Destination.Overwrite)
	}
	rest = append(rest, "}}"...)
	rest = appendString(rest, "workloadTag", r.WorkloadTag)
	if r.Priority != nil {
		rest = append(rest, `,"priority":`...)
		rest = strconv.AppendInt(rest, int64(*r.Priority), 10)
	}
	rest = append(rest, '}')
	return &body{parts: slices.Concat([][]byte{[]byte(`{"expression":`)}, r.Expression, [][]byte{rest})}
}

// appendString appends a member of an object after others. It leaves out an
// empty value, as protobuf's JSON mapping does.
func appendString(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendQuote(b, value)
}

func appendQuote(b []byte, s string) []byte {
	// The only error is invalid UTF-8, which text from JSON does not hold.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
