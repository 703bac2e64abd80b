package handler

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// idSource identifies a delivery by what its sender gave it: the kind of
// sender, and the values that it repeats when it delivers the same thing again.
// The zero idSource identifies nothing.
type idSource struct {
	kind   string
	values []string
}

// idNamespace is the version 5 UUID namespace of request IDs. It must never
// change: a delivery that is repeated across a deployment must keep its ID.
var idNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://example.com/eeexport/requestId"))

// requestID returns the delivery's request ID in a project: the same for the
// same delivery, whichever instance it reaches, and another for any other. The
// kind and the lengths stand in the hashed name, so that no two kinds and no
// two splits of the same text meet. It is random where the delivery identifies
// itself by nothing.
func (s idSource) requestID(project string) string {
	if s.kind == "" {
		return uuid.NewString()
	}
	var name strings.Builder
	for _, part := range append([]string{s.kind, project}, s.values...) {
		fmt.Fprintf(&name, "%d:%s,", len(part), part)
	}
	return uuid.NewSHA1(idNamespace, []byte(name.String())).String()
}

// idSourceFromHeader finds what identifies an HTTP request, in this order:
//  1. Idempotency-Key
//  2. webhook-id, where the webhook's signature has been verified
//  3. X-CloudScheduler-JobName and X-CloudScheduler-ScheduleTime
//  4. x-goog-pubsub-message-id and x-goog-pubsub-subscription-name, which a
//     Pub/Sub push with payload unwrapping sends
func idSourceFromHeader(h http.Header, verified bool) idSource {
	for _, kind := range []struct {
		name    string
		headers []string
		trusted bool
	}{
		{"idempotency-key", []string{"Idempotency-Key"}, true},
		{"webhook", []string{"Webhook-Id"}, verified},
		{"scheduler", []string{"X-Cloudscheduler-Jobname", "X-Cloudscheduler-Scheduletime"}, true},
		{"pubsub", []string{"X-Goog-Pubsub-Message-Id", "X-Goog-Pubsub-Subscription-Name"}, true},
	} {
		if values := allOf(h, kind.headers); kind.trusted && values != nil {
			return idSource{kind.name, values}
		}
	}
	return idSource{}
}

// allOf returns the values of the headers, whose names are in canonical form;
// nil unless all are there.
func allOf(h http.Header, names []string) []string {
	values := make([]string, len(names))
	for i, name := range names {
		if v := h[name]; len(v) > 0 {
			values[i] = v[0]
		}
		if values[i] == "" {
			return nil
		}
	}
	return values
}
