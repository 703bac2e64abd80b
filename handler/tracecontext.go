package handler

// traceContext is the W3C trace context of a request
// (https://www.w3.org/TR/trace-context/). It is carried from the request to the
// message, so that one trace runs from the producer to the consumer.
type traceContext struct {
	parent, state string
}

// newTraceContext takes the values of traceparent and tracestate. What is not a
// traceparent is dropped, as the recommendation demands.
func newTraceContext(parent, state string) traceContext {
	if !isTraceParent(parent) {
		return traceContext{}
	}
	return traceContext{parent, state}
}

// inject writes the context into a message's attributes: under ce-, where
// CloudEvents' Distributed Tracing extension has it, and bare, where
// propagators look for it.
func (t traceContext) inject(attributes map[string]string) {
	if t.parent == "" {
		return
	}
	attributes["traceparent"], attributes["ce-traceparent"] = t.parent, t.parent
	if t.state != "" && len(t.state) <= maxAttributeBytes {
		attributes["tracestate"], attributes["ce-tracestate"] = t.state, t.state
	}
}

// traceID returns the 32 digits of the trace; "" without one.
func (t traceContext) traceID() string {
	if t.parent == "" {
		return ""
	}
	return t.parent[3:35]
}

// spanID returns the 16 digits of the caller's span; "" without one.
func (t traceContext) spanID() string {
	if t.parent == "" {
		return ""
	}
	return t.parent[36:52]
}

// isTraceParent tells whether s is version-traceid-parentid-flags in lower case
// hexadecimal digits, with a trace and a parent that are not all zeros. A
// version above 00 may say more after that.
func isTraceParent(s string) bool {
	const form = "00-00000000000000000000000000000000-0000000000000000-00"
	if len(s) < len(form) || len(s) > maxAttributeBytes || len(s) > len(form) && (s[:2] == "00" || s[len(form)] != '-') || s[:2] == "ff" {
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
