package handler

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/webhook"
)

const (
	// A body may take bodyTime plus the time that its bytes need at
	// minBodyRate, so that a sender that stops does not hold an instance.
	bodyTime    = 10 * time.Second
	minBodyRate = 64 << 10 // bytes a second

	// firstRead is the initial size of the buffer, whatever Content-Length
	// promises, so that a connection that sends little takes little memory. A
	// full buffer grows by the factor growth, so few bytes are copied twice.
	firstRead = 64 << 10
	growth    = 16
)

// checkHead checks what both doors require of a request's head. If a door
// answers without reading the body, the server still reads it, so the deadline
// is set here.
func (x *Exporter) checkHead(w http.ResponseWriter, r *http.Request, arrival time.Time) *outcome.Outcome {
	// A test's connection may not support deadlines.
	_ = http.NewResponseController(w).SetReadDeadline(arrival.Add(min(bodyTime, x.cfg.budget())))
	if r.Method != http.MethodPost {
		return outcome.MethodNotAllowed()
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return outcome.InvalidField("Content-Encoding", "compressed requests are not accepted: send the JSON uncompressed")
	}
	return nil
}

// readBody reads a body of at most limit bytes, within the request's time and at
// no less than [minBodyRate]. If signed is not nil it gets the bytes as they
// arrive. The caller may return the body to x.buffers.
func (x *Exporter) readBody(w http.ResponseWriter, r *http.Request, arrival time.Time, limit int64, signed *webhook.Verifier) ([]byte, *outcome.Outcome) {
	if r.ContentLength > limit {
		return nil, outcome.RequestTooLarge(x.cfg.MaxRequestBytes)
	}
	if r.ContentLength >= 0 {
		limit = r.ContentLength
	}
	end := arrival.Add(x.cfg.budget())
	control := http.NewResponseController(w)
	body := make([]byte, 0, min(limit+1, firstRead))
	for {
		deadline := arrival.Add(bodyTime + time.Duration(len(body))*time.Second/minBodyRate)
		if deadline.After(end) {
			deadline = end
		}
		_ = control.SetReadDeadline(deadline) // see checkHead
		n, err := r.Body.Read(body[len(body):cap(body)])
		if signed != nil {
			_, _ = signed.Write(body[len(body) : len(body)+n])
		}
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, outcome.RequestTooLarge(x.cfg.MaxRequestBytes)
		case err == io.EOF && (r.ContentLength < 0 || int64(len(body)) == limit):
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, &outcome.Outcome{Kind: outcome.DeadlinePassed, Reason: "DEADLINE_EXCEEDED", Message: "the request's body did not arrive in time", Cause: err}
		case err != nil:
			return nil, outcome.InvalidField("", "the connection broke before the whole request arrived")
		case len(body) == cap(body):
			body = append(x.buffers.get(min(limit+1, int64(cap(body))*growth)), body...)
		}
	}
}

// buffers holds large buffers for later requests to reuse. Clearing and collecting
// a new buffer for each request takes more than a tenth of the CPU time of an
// export of 8.5 MB.
type buffers struct{ pool sync.Pool }

// get returns an empty buffer with at least the given capacity.
func (b *buffers) get(capacity int64) []byte {
	if buf, ok := b.pool.Get().(*[]byte); ok && int64(cap(*buf)) >= capacity {
		return (*buf)[:0]
	}
	return make([]byte, 0, capacity)
}

// put keeps a large buffer for reuse. Nothing else may refer to it any more.
func (b *buffers) put(buf []byte) {
	if cap(buf) > firstRead {
		b.pool.Put(&buf)
	}
}
