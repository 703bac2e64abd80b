package handler

import (
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
)

// delivery is one request as a door hands it to the pipeline: the bytes, and
// what the door knows of where they come from.
type delivery struct {
	body []byte

	// version and project are what the path names; "" where it names none.
	version, project string
	// source identifies the delivery, so that the same one, delivered again,
	// carries the same request ID.
	source idSource
	// time is the schedule's or the event's; the time of arrival where there is
	// neither.
	time time.Time
	// since is the earliest time at which the delivery can have been made
	// before; the zero time where nobody knows.
	since time.Time
	// contentType is the media type of body; "" for JSON.
	contentType string
	// trace is the W3C trace context that came with the request.
	trace traceContext
	// validateOnly ends the pipeline before anything is submitted.
	validateOnly bool
}

// arrive fills in what a delivery without a time of its own has from its
// arrival. One without an identity either is new by definition.
func (d *delivery) arrive(at time.Time) {
	d.since = d.time
	if d.time.IsZero() {
		d.time = at
		if d.source.kind == "" {
			d.since = at
		}
	}
}

// Request is a decoded export request.
type Request struct {
	eeclient.ExportClassifierRequest
	// Summary is what the check of the expression learned; nil where it did not
	// get that far.
	Summary *expression.Summary

	hasDestination bool // earthEngineDestination was given, if with nothing in it
	ownID          bool // the request ID was given in the request
}

// usedSince is the earliest time at which the request's ID can have been used.
func (r *Request) usedSince(d *delivery) time.Time {
	if r.ownID {
		return time.Time{}
	}
	return d.since
}

// Violation is one way in which a request is invalid: the JSON path of the
// field and a sentence that says what to do. It is google.rpc's
// BadRequest.FieldViolation.
type Violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// maxViolations bounds how many are reported, so that an answer cannot be made
// larger than the request was.
const maxViolations = 100

// violations collects what is wrong with a request.
type violations struct {
	list []Violation
	more bool
}

func (v *violations) add(field, description string) {
	if len(v.list) == maxViolations {
		v.more = true
		return
	}
	v.list = append(v.list, Violation{field, description})
}

// require is add for a field that is missing, unless the reason that it is has
// been given: it was there, with a value that could not be used.
func (v *violations) require(field, description string) {
	for _, earlier := range v.list {
		if earlier.Field == field || strings.HasPrefix(earlier.Field, field+".") || strings.HasPrefix(field, earlier.Field+".") {
			return
		}
	}
	v.add(field, description)
}
