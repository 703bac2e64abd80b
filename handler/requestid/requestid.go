// Package requestid determines which request ID a delivery carries to Earth
// Engine, so that all its retries and redeliveries reach one Operation, and no
// other delivery reaches it.
package requestid

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/eeexport/eeclient/resource"
)

const (
	// MaxBytes is the length of the longest request ID
	// (https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export).
	MaxBytes = 60

	// derivedPrefix is the prefix of every ID that [Delivery.ID] derives.
	derivedPrefix = "eeexport-"

	// forcedFrom is how far in the future a schedule time must lie to belong to
	// a forced run. Clocks differ by less.
	forcedFrom = 2 * time.Second
)

// ErrPushWithoutMetadata means that a Pub/Sub push carries no message ID, so its
// redelivery could not be recognized.
var ErrPushWithoutMetadata = errors.New("the push carries no message ID: set write_metadata on the subscription's payload unwrapping")

// ErrAttribute means that a message's attribute requestId holds a value that a
// message may not carry.
var ErrAttribute = errors.New("must be at most 60 characters: a-z, A-Z, 0-9 and -, and not begin with eeexport- unless this function has derived it for an event")

// Delivery holds what identifies a delivery when it is redelivered. Zero fields
// identify nothing.
type Delivery struct {
	// Body is the request's own requestId.
	Body string
	// Attribute is the Pub/Sub message's attribute requestId.
	Attribute string
	// Webhook is the webhook-id of a verified webhook.
	Webhook string
	// Header holds the HTTP headers, unless the delivery is a verified webhook:
	// its signature does not cover them.
	Header http.Header
	// Caller is the subject of the ID token that the platform has verified.
	Caller string
	// EventSource and EventID together identify a CloudEvent.
	EventSource, EventID string
	// Arrival is when the delivery arrived.
	Arrival time.Time
}

// ID returns the delivery's request ID in a project, projects/P. It is the
// first that applies:
//
//  1. the body's requestId, unchanged
//  2. the message's attribute requestId, unchanged
//  3. webhook-id of a verified webhook
//  4. Idempotency-Key
//  5. X-CloudScheduler-JobName and X-CloudScheduler-ScheduleTime; of another
//     kind if the time is in the future, so that a forced run does not swallow
//     the scheduled one
//  6. X-CloudTasks-QueueName and X-CloudTasks-TaskName
//  7. x-goog-pubsub-message-id and x-goog-pubsub-subscription-name of an
//     unwrapped push
//  8. the CloudEvent's source and ID
//  9. a random one
//
// Kinds 3 to 8 are derived: a hash of the kind, the project, the caller (kinds
// 4 to 6) and the values. The error is [ErrAttribute]
// or [ErrPushWithoutMetadata].
func (d Delivery) ID(project string) (string, error) {
	switch {
	case d.Body != "":
		return d.Body, nil
	case d.Attribute != "" && !AllowedInAttribute(d.Attribute):
		return "", ErrAttribute
	case d.Attribute != "":
		return d.Attribute, nil
	case d.Webhook != "":
		return derive("webhook", project, d.Webhook), nil
	}
	if key := d.headers("Idempotency-Key"); key != nil {
		return derive("key", project, append(key, d.Caller)...), nil
	}
	if run := d.headers("X-Cloudscheduler-Jobname", "X-Cloudscheduler-Scheduletime"); run != nil {
		kind := "schedule"
		if at, err := time.Parse(time.RFC3339, run[1]); err == nil && at.After(d.Arrival.Add(forcedFrom)) {
			kind = "forced"
		}
		return derive(kind, project, append(run, d.Caller)...), nil
	}
	if task := d.headers("X-Cloudtasks-Queuename", "X-Cloudtasks-Taskname"); task != nil {
		return derive("task", project, append(task, d.Caller)...), nil
	}
	if push := d.headers("X-Goog-Pubsub-Message-Id", "X-Goog-Pubsub-Subscription-Name"); push != nil {
		return derive("push", project, push...), nil
	}
	if d.EventSource != "" && d.EventID != "" {
		return derive("event", project, d.EventSource, d.EventID), nil
	}
	if isPubSub(d.Header.Get("User-Agent")) {
		return "", ErrPushWithoutMetadata
	}
	return uuid.NewString(), nil
}

// derive hashes length-prefixed parts, so different inputs cannot collide. It must
// never change: a delivery keeps its ID across deployments.
func derive(kind, project string, values ...string) string {
	h := sha256.New()
	for _, part := range append([]string{kind, project}, values...) {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return derivedPrefix + kind + "-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// headers returns the values of headers, whose names have canonical form; nil if
// any is missing.
func (d Delivery) headers(names ...string) []string {
	values := make([]string, len(names))
	for i, name := range names {
		if values[i] = d.Header.Get(name); values[i] == "" {
			return nil
		}
	}
	return values
}

// isPubSub reports whether a User-Agent is that of Pub/Sub's push.
func isPubSub(userAgent string) bool {
	return strings.Contains(userAgent, "CloudPubSub-Google") || strings.Contains(userAgent, "APIs-Google")
}

// IsValid reports whether Earth Engine accepts s as a request ID.
func IsValid(s string) bool {
	return len(s) <= MaxBytes && resource.ConsistsOf(s, resource.IsAlnum, '-')
}

// IsDerived reports whether s has the form of an ID that [Delivery.ID] derives.
// A request may not choose one, since it could be another delivery's.
func IsDerived(s string) bool { return strings.HasPrefix(s, derivedPrefix) }

// AllowedInAttribute reports whether a message's attribute may carry s: any
// valid ID, but of the derived IDs only those whose values nobody can guess.
func AllowedInAttribute(s string) bool {
	return IsValid(s) && (!IsDerived(s) ||
		strings.HasPrefix(s, derivedPrefix+"push-") || strings.HasPrefix(s, derivedPrefix+"event-"))
}
