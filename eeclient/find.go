package eeclient

import (
	"context"
	"strings"
	"time"
)

const (
	// exportType is the type of the Operations that ExportClassifier starts.
	exportType = "EXPORT_CLASSIFIER"

	// findPageSize and findPages bound a search: 3,000 Operations, as many as an
	// account can have waiting.
	findPageSize = 500
	findPages    = 6

	// clockSkew is how far this machine's clock may be from Earth Engine's.
	clockSkew = 10 * time.Second
)

// FindExport looks for the Operation that an earlier call with the same request
// has started since a time; the zero time for any. Earth Engine does not keep
// request IDs where they can be read, so it goes by the type, the description,
// the destination where the Operation names one, and the time of creation,
// newest first. It returns nil where it finds none, and also where several
// would do, or where neither a description nor a time tells one from any other:
// naming the wrong one would be worse. The error is an *Error.
func (c *Client) FindExport(ctx context.Context, r *ExportClassifierRequest, since time.Time) (*Operation, error) {
	if since.IsZero() && r.Description == "" {
		return nil, nil
	}
	if !since.IsZero() {
		since = since.Add(-clockSkew)
	}
	var sure, likely []*Operation // with the destination, and without any
	for op, err := range c.ListOperations(ctx, &ListOperationsRequest{Project: r.Project, PageSize: findPageSize, MaxPages: findPages}) {
		if err != nil {
			return nil, err
		}
		if op.CreateTime().Before(since) {
			break
		}
		if op.Type() != exportType || op.Description() != r.Description {
			continue
		}
		if len(op.DestinationURIs()) == 0 {
			likely = append(likely, op)
		} else if writes(op, r.Destination.Name) {
			sure = append(sure, op)
		}
	}
	switch {
	case len(sure) == 1 && len(likely) == 0:
		return sure[0], nil
	case len(sure) == 0 && len(likely) == 1:
		return likely[0], nil
	}
	return nil, nil
}

// writes tells whether a destination of op is the asset. The URIs are links to
// the Code Editor that hold the asset's name, or its ID where it is a legacy
// one.
func writes(op *Operation, asset string) bool {
	id := strings.TrimPrefix(asset, "projects/earthengine-legacy/assets/")
	for _, uri := range op.DestinationURIs() {
		if strings.HasSuffix(uri, "="+asset) || strings.HasSuffix(uri, "="+id) || strings.HasSuffix(uri, "/"+asset) {
			return true
		}
	}
	return false
}
