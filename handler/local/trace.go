package local

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
)

// traceparent is the form of a W3C trace context
// (https://www.w3.org/TR/trace-context/#traceparent-header).
var traceparent = regexp.MustCompile(`^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$`)

// setTrace makes a delivery a span of its own, in the trace of its message or, if
// that has none, in a new one. It stands in the event's Distributed Tracing
// extension
// (https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md).
func setTrace(h http.Header, attributes map[string]string, spanID string) {
	trace, flags := randomHex(16), "00"
	parent := cmp.Or(attributes["traceparent"], attributes["ce-traceparent"], attributes["googclient_traceparent"])
	if found := traceparent.FindStringSubmatch(parent); found != nil {
		trace, flags = found[1], found[2]
		if state := cmp.Or(attributes["tracestate"], attributes["ce-tracestate"], attributes["googclient_tracestate"]); state != "" {
			h.Set("Ce-Tracestate", state)
		}
	}
	h.Set("Ce-Traceparent", "00-"+trace+"-"+spanID+"-"+flags)
}

func newSpanID() string { return randomHex(8) }

func randomHex(n int) string {
	id := make([]byte, n)
	rand.Read(id)
	return hex.EncodeToString(id)
}
