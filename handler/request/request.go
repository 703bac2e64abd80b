// Package request reads an export request: bytes in, a [Request] or violations
// out. It does not depend on triggers, answers or deployments.
//
//	r, violations := request.Read(body, request.Options{DefaultProject: "projects/my-project", Time: time.Now()})
package request

import (
	"slices"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/requestid"
)

// Options are what [Read] needs besides the bytes.
type Options struct {
	// Check is how thoroughly the expression is checked.
	Check expression.Level
	// AllowedReads are the prefixes of what the expression may load; nil for
	// anything. A read that is not allowed is not a violation: see
	// [Request.Denied].
	AllowedReads []string
	// Version and Project, projects/P, are what the request's path names; empty
	// if it names none.
	Version, Project string
	// DefaultProject, projects/P, is charged if the request names none.
	DefaultProject string
	// Time is what placeholders stand for.
	Time time.Time
}

// Request is an export request as it goes upstream: with its project, its
// placeholders replaced and its arguments filled in. It keeps slices of the
// bytes that it was read from.
type Request struct {
	eeclient.ExportClassifierRequest
	// Nodes counts the expression's ValueNodes; 0 if the expression was not read.
	Nodes int
	// Classifier is the function that makes the exported classifier; "" if the
	// expression alone does not say.
	Classifier string
	// Denied is the first read that [Options.AllowedReads] does not allow; nil
	// if there is none.
	Denied *expression.DeniedRead
	// Dated is set if the description had a placeholder.
	Dated bool

	parsed         *expression.Expression
	arguments      []argument
	hasDestination bool // earthEngineDestination was given, even if empty
}

// Read reads body, which it does not change. The request is usable only if
// there are no violations.
func Read(body []byte, o Options) (*Request, Violations) {
	d := decoder{cursor: cursor{data: body}, req: new(Request), check: o.Check}
	d.req.Version = o.Version
	if d.decode() {
		d.req.validate(o, &d.violations)
	} else {
		d.req.resolveProject(o, new(violations))
	}
	return d.req, Violations{d.list, d.more}
}

// Violations are the ways in which a request is invalid.
type Violations struct {
	// List holds at most 100 of them.
	List []eeclient.FieldViolation
	// More is set if there are others.
	More bool
}

// maxViolations bounds the list, so that an answer cannot be made larger than
// the request.
const maxViolations = 100

// violations collects the violations of a request.
type violations struct {
	list []eeclient.FieldViolation
	more bool
}

func (v *violations) add(field, description string) {
	if len(v.list) == maxViolations {
		v.more = true
		return
	}
	v.list = append(v.list, eeclient.FieldViolation{Field: field, Description: description})
}

// require adds the violation of a missing field, unless the field has one
// already: it was given with an invalid value.
func (v *violations) require(field, description string) {
	known := func(earlier eeclient.FieldViolation) bool {
		return earlier.Field == field || strings.HasPrefix(earlier.Field, field+".") || strings.HasPrefix(field, earlier.Field+".")
	}
	if !slices.ContainsFunc(v.list, known) {
		v.add(field, description)
	}
}

// OwnID returns the request's own requestId, or "" if it is invalid.
func (r *Request) OwnID() string {
	if requestid.IsDerived(r.RequestID) || !requestid.IsValid(r.RequestID) {
		return ""
	}
	return r.RequestID
}
