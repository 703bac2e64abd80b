package outcome

import (
	"net/http"
	"strconv"
)

// WriteTo answers an HTTP request: with the Operation as Earth Engine sent it,
// or with Google's error body.
func (o *Outcome) WriteTo(w http.ResponseWriter) {
	o.write(w, o.Code(), o.body())
}

// WriteEventTo answers the delivery of an event. It acknowledges only a settled
// event. An acknowledgement has an empty body, since some senders would take
// any other for an event in reply.
func (o *Outcome) WriteEventTo(w http.ResponseWriter) {
	switch {
	case o.Kind == Validated:
		o.write(w, http.StatusOK, o.body())
	case o.Settled:
		o.write(w, http.StatusOK, nil)
	case o.Class() == Success:
		// A success that was not settled is a fault of the function.
		o.write(w, http.StatusInternalServerError, nil)
	default:
		o.WriteTo(w)
	}
}

func (o *Outcome) body() []byte {
	switch o.Kind {
	case Exported:
		return o.Operation.JSON()
	case Validated:
		return []byte("{}")
	case Watched, WatchedPartly:
		return o.Body
	}
	return o.errorBody()
}

func (o *Outcome) write(w http.ResponseWriter, code int, body []byte) {
	h := w.Header()
	if len(body) > 0 {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	if o.RequestID != "" {
		h.Set("X-Request-Id", o.RequestID)
	}
	if o.MessageID != "" {
		h.Set("X-Message-Id", o.MessageID)
	}
	if o.Replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if wait := o.retryAfter(); wait > 0 && code != http.StatusOK {
		h.Set("Retry-After", strconv.FormatInt(seconds(wait), 10))
	}
	if o.Kind == WrongMethod {
		h.Set("Allow", http.MethodPost)
	}
	w.WriteHeader(code)
	_, _ = w.Write(body) // the sender may have hung up
}
