package handler

import (
	"errors"
	"time"

	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/requestid"
)

// delivery is one request as a door hands it to the pipeline: the bytes, and what
// the door knows about their origin.
type delivery struct {
	arrival time.Time
	body    []byte
	// contentType is the media type of body; empty for JSON.
	contentType string

	// version and project are what the path names; empty if it names none.
	version, project string
	// validateOnly ends the pipeline before anything is submitted or published.
	validateOnly bool

	// identity is what the request ID is derived from.
	identity requestid.Delivery
	// requestID is the request ID, once it is settled.
	requestID string

	// time is the schedule's, the event's or the webhook's; the zero time if the
	// delivery has none.
	time time.Time
	// sameTime is set if every redelivery has the same time, so this request
	// cannot have started an Operation before it.
	sameTime bool
	// attempt counts the deliveries of the event, from 1; 0 if unknown.
	attempt int
	// message is the Pub/Sub message that carries the request; nil if none does.
	message *message.Envelope
	// trace is the W3C trace context that came with the request.
	trace message.Trace
}

func newDelivery() *delivery {
	now := time.Now()
	return &delivery{arrival: now, identity: requestid.Delivery{Arrival: now}}
}

// at is the time that placeholders stand for.
func (d *delivery) at() time.Time {
	if d.time.IsZero() {
		return d.arrival
	}
	return d.time
}

// notBefore is the earliest time at which this request, delivered now or
// before, can have started an Operation; the zero time if unknown.
func (d *delivery) notBefore() time.Time {
	if !d.sameTime || d.time.After(d.arrival) { // the time of a forced run is in the future
		return time.Time{}
	}
	return d.time
}

// first is the earliest known time of a delivery of the request.
func (d *delivery) first() time.Time {
	if t := d.notBefore(); !t.IsZero() {
		return t
	}
	return d.arrival
}

// mayBeRedelivered reports whether an earlier delivery may have reached Earth
// Engine. Only delivery 1 of a message that counts its deliveries is known to
// have none before it.
func (d *delivery) mayBeRedelivered() bool {
	return d.attempt != 1 || d.identity.Attribute != ""
}

// settleID settles the request ID, given the request's own and the project that
// is charged.
func (d *delivery) settleID(own, project string) *outcome.Outcome {
	d.identity.Body = own
	id, err := d.identity.ID(project)
	switch {
	case errors.Is(err, requestid.ErrAttribute):
		d.identity.Attribute = ""
		d.requestID, _ = d.identity.ID(project) // without the attribute
		return outcome.InvalidField("message.attributes.requestId", err.Error())
	case err != nil:
		return &outcome.Outcome{Kind: outcome.Unidentified, Reason: "PUSH_WITHOUT_METADATA", Message: err.Error()}
	}
	d.requestID = id
	return nil
}
