package eeclient

import (
	"context"
	"net/http"
	"strconv"

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
	// Expression is a JSON object that evaluates to the classifier. It is sent
	// byte for byte.
	Expression jsontext.Value
	// Description is what people see in the list of tasks.
	Description string
	// RequestID makes the call safe to repeat: Earth Engine starts one
	// Operation for it and caller. At most 60 of a-z A-Z 0-9 and -. A call
	// without one is never retried.
	RequestID string
	// Destination is the asset to write.
	Destination EarthEngineDestination
	// WorkloadTag labels the computation in bills.
	WorkloadTag string
	// Priority is 0 to 9999; Earth Engine takes 100 where it is nil.
	Priority *int32
}

// EarthEngineDestination is where the classifier is saved.
type EarthEngineDestination struct {
	// Name is the asset: projects/*/assets/**.
	Name string
	// Overwrite replaces an asset that exists; Earth Engine takes false where
	// it is nil.
	Overwrite *bool
}

// ExportClassifier starts an export and returns its Operation. Calls that carry
// a request ID are retried as [Retry] says, and all attempts reach the same
// Operation. The error is an *Error.
func (c *Client) ExportClassifier(ctx context.Context, r *ExportClassifierRequest) (*Operation, error) {
	version := r.Version
	if version == "" {
		version = DefaultVersion
	}
	var op *Operation
	err := c.do(ctx, &call{
		method:     http.MethodPost,
		path:       "/" + version + "/" + escapeName(r.Project) + "/classifier:export",
		body:       r.body(),
		idempotent: r.RequestID != "",
		read: func(body []byte) (err error) {
			op, err = ParseOperation(body)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return op, nil
}

// body writes the request around the expression.
func (r *ExportClassifierRequest) body() segments {
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
	return segments{[]byte(`{"expression":`), r.Expression, rest}
}

// appendString appends one member of an object, after others; nothing where the
// value is empty, which is how protobuf's JSON mapping writes unset strings.
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
	// The only error is invalid UTF-8, which is replaced; what came from JSON
	// has none.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
