package message

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
)

// Origin is the request that an Operation or a failure belongs to.
type Origin struct {
	// Project is charged for the export: projects/P.
	Project string
	// Asset is the name of the asset that is written.
	Asset string
	// RequestID is the request ID used.
	RequestID string
	// WorkloadTag labels the computation in bills; it may be empty.
	WorkloadTag string
	// Trace is the W3C trace context of the request.
	Trace Trace
}

// Started returns the message that announces an Operation. The same Operation
// always gives the same ce-id, so that consumers can drop duplicates. Now is
// the event's time if the Operation has no createTime.
func Started(op *eeclient.Operation, from Origin, now time.Time) *pubsubpb.PubsubMessage {
	created := op.CreateTime()
	if created.IsZero() {
		created = now
	}
	e := event{
		id:      op.Name() + "/started",
		source:  source(from.Project),
		kind:    TypeStarted,
		subject: op.Name(),
		time:    created,
		trace:   from.Trace,
	}
	return e.message("application/json", op.JSON(), map[string]string{
		"operation":   op.Name(),
		"project":     from.Project,
		"asset":       from.Asset,
		"requestId":   from.RequestID,
		"workloadTag": from.WorkloadTag,
	})
}

// End is how an Operation has ended.
type End struct {
	// State is SUCCEEDED, FAILED or CANCELLED.
	State eeclient.State
	// Operation is Earth Engine's answer; nil if it no longer knows the
	// Operation.
	Operation *eeclient.Operation
	// Reason is OPERATION_NOT_FOUND if Operation is nil.
	Reason string
}

// Ended returns the message that announces the end of the Operation that the
// started message announced. It carries that message's attributes, and its data
// if end.Operation is nil. The same end always gives the same ce-id. Now is the
// event's time if the Operation has no endTime.
func Ended(started *pubsubpb.PubsubMessage, end End, now time.Time) *pubsubpb.PubsubMessage {
	name := started.GetAttributes()["operation"]
	word := strings.ToLower(string(end.State))
	e := event{
		id:      name + "/" + word,
		source:  source(resource.ProjectOf(name)),
		kind:    "eeexport.operation." + word + ".v1",
		subject: name,
		time:    now,
		trace:   NewTrace(started.GetAttributes()["traceparent"], started.GetAttributes()["tracestate"]),
	}
	attributes := maps.Clone(started.GetAttributes())
	attributes["state"] = string(end.State)
	attributes["reason"] = end.Reason
	data := started.GetData()
	if op := end.Operation; op != nil {
		data = op.JSON()
		if t := op.EndTime(); !t.IsZero() {
			e.time = t
		}
		if s, ok := op.EECUSeconds(); ok {
			attributes["eecuSeconds"] = strconv.FormatFloat(s, 'f', -1, 64)
		}
	}
	return e.message("application/json", data, attributes)
}
