package message

import "net/http"

// Trace is the W3C trace context of a request
// (https://www.w3.org/TR/trace-context/). It passes from the request to the
// messages, so that one trace runs from the producer to the consumer. The zero
// Trace means that there is none.
type Trace struct {
	parent, state string
}

// NewTrace takes the values of traceparent and tracestate. If parent is not a
// valid traceparent it returns the zero Trace, as the recommendation requires.
func NewTrace(parent, state string) Trace {
	if !isTraceParent(parent) {
		return Trace{}
	}
	return Trace{parent, state}
}

// traceFromAttributes reads the trace context under its own names or those
// that CloudEvents and Google's client libraries give it.
func traceFromAttributes(attributes map[string]string) Trace {
	for _, prefix := range []string{"", "ce-", "googclient_"} {
		if parent := attributes[prefix+"traceparent"]; parent != "" {
			state := attributes[prefix+"tracestate"]
			if state == "" {
				state = attributes["tracestate"]
			}
			return NewTrace(parent, state)
		}
	}
	return Trace{}
}

// TraceFromHeader reads the trace context of an HTTP request. An unwrapped push
// has the message's attributes among its headers, and the publisher's context
// overrides that of the push.
func TraceFromHeader(h http.Header) Trace {
	if t := NewTrace(h.Get("Googclient_traceparent"), h.Get("Googclient_tracestate")); t != (Trace{}) {
		return t
	}
	return NewTrace(h.Get("Traceparent"), h.Get("Tracestate"))
}

// Parent returns the traceparent; "" without a trace.
func (t Trace) Parent() string { return t.parent }

// State returns the tracestate.
func (t Trace) State() string { return t.state }

// TraceID returns the 32 digits of the trace; "" without one.
func (t Trace) TraceID() string {
	if t.parent == "" {
		return ""
	}
	return t.parent[3:35]
}

// SpanID returns the 16 digits of the caller's span; "" without one.
func (t Trace) SpanID() string {
	if t.parent == "" {
		return ""
	}
	return t.parent[36:52]
}

// inject writes the context into a message's attributes: with the prefix ce-
// for CloudEvents' Distributed Tracing extension, and bare for propagators.
func (t Trace) inject(attributes map[string]string) {
	if t.parent == "" {
		return
	}
	attributes["traceparent"], attributes["ce-traceparent"] = t.parent, t.parent
	if t.state != "" && len(t.state) <= MaxAttributeBytes {
		attributes["tracestate"], attributes["ce-tracestate"] = t.state, t.state
	}
}

// isTraceParent reports whether s is version-traceid-parentid-flags in lower
// case hexadecimal digits, with a trace and a parent that are not all zeros. A
// version above 00 may have more fields.
func isTraceParent(s string) bool {
	const form = "00-00000000000000000000000000000000-0000000000000000-00"
	if len(s) < len(form) || len(s) > MaxAttributeBytes || len(s) > len(form) && (s[:2] == "00" || s[len(form)] != '-') || s[:2] == "ff" {
		return false
	}
	for i := range form {
		hex := s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f'
		if form[i] == '-' && s[i] != '-' || form[i] == '0' && !hex {
			return false
		}
	}
	return s[3:35] != form[3:35] && s[36:52] != form[36:52]
}
