package watch

import (
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/message"
)

// operation is a started Operation that is pending, and what a tick finds out
// about it.
type operation struct {
	name    string
	started *pubsubpb.PubsubMessage // that announces it
	ackIDs  []string                // of that message, and of its duplicates

	// found is Earth Engine's answer; nil if there is none.
	found *eeclient.Operation
	// lost is set if Earth Engine no longer knows the Operation.
	lost bool
	// err is why it could not be checked, or why its end could not be
	// published.
	err error
	// acknowledged is set once its end is published and acknowledged.
	acknowledged bool
}

// startTime returns when Earth Engine created the Operation, which is the time of
// the started event, or else when that was published.
func (o *operation) startTime() time.Time {
	if t, err := time.Parse(time.RFC3339, o.started.GetAttributes()["ce-time"]); err == nil {
		return t
	}
	return o.started.GetPublishTime().AsTime()
}

// end returns how the Operation has ended, and reports whether it has, as far as
// the tick knows.
func (o *operation) end() (message.End, bool) {
	switch {
	case o.lost:
		return message.End{State: eeclient.Failed, Reason: "OPERATION_NOT_FOUND"}, true
	case o.found == nil:
		return message.End{}, false
	}
	state, ended := o.found.End()
	return message.End{State: state, Operation: o.found}, ended
}
