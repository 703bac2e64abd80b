package handler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const jsonContentType = "application/json; charset=utf-8"

// ServeHTTP is the HTTP door: webhooks, Cloud Scheduler, Workflows, people, and
// Pub/Sub push with payload unwrapping.
//
// A request is either the upstream method's own,
// POST /{v1|v1beta|v1alpha}/projects/{project}/classifier:export, or a POST at
// any other path with the same body and an optional project in it. The answer
// is the Operation as Earth Engine sent it, or Google's error body.
func (x *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := newRecord("http", x.tracing)
	out := x.guard(r.Context(), rec, func(ctx context.Context) *Outcome {
		d, out := x.receive(w, r, rec.arrival)
		if out != nil {
			return out
		}
		return x.export(rec.begin(ctx, d), d, rec)
	})
	out.writeTo(w)
}

// receive makes a delivery of an HTTP request.
func (x *Exporter) receive(w http.ResponseWriter, r *http.Request, arrival time.Time) (*delivery, *Outcome) {
	body, out := x.read(w, r, arrival, x.cfg.MaxRequestBytes)
	if out != nil {
		return nil, out
	}
	// Nothing that the sender wrote is looked at before the signature.
	verified, out := x.cfg.WebhookSecrets.verify(r.Header, body)
	if out != nil {
		return nil, out
	}
	version, project, out := parsePath(r.URL)
	if out != nil {
		return nil, out
	}
	validateOnly, out := parseValidateOnly(r.URL)
	if out != nil {
		return nil, out
	}
	d := &delivery{
		body:         body,
		version:      version,
		project:      project,
		source:       idSourceFromHeader(r.Header, verified),
		time:         timeFromHeader(r.Header),
		trace:        newTraceContext(r.Header.Get("Traceparent"), r.Header.Get("Tracestate")),
		validateOnly: validateOnly,
	}
	d.arrive(arrival)
	return d, nil
}

// read checks what both doors demand of HTTP, and reads the body within the
// request's time and a bound, into one allocation where its length is known.
func (x *Exporter) read(w http.ResponseWriter, r *http.Request, arrival time.Time, most int64) ([]byte, *Outcome) {
	// It stays: the server reads on after an answer that did not wait for the
	// whole body. It sets it anew for the next request. A connection that knows
	// no deadlines, as a test's may, is none to wait for.
	_ = http.NewResponseController(w).SetReadDeadline(arrival.Add(x.cfg.time()))
	if r.Method != http.MethodPost {
		return nil, wrongMethod()
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, invalidField("Content-Encoding", "compressed requests are not accepted: send the JSON as it is")
	}
	if r.ContentLength > most {
		return nil, tooLarge(x.cfg.MaxRequestBytes)
	}
	var body []byte
	var err error
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		var buf bytes.Buffer
		_, err = buf.ReadFrom(http.MaxBytesReader(w, r.Body, most))
		body = buf.Bytes()
	}
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge(x.cfg.MaxRequestBytes)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Outcome{Kind: DeadlinePassed, Reason: "DEADLINE_EXCEEDED", Message: "the deadline passed before the request had arrived", cause: err}
	case err != nil:
		return nil, invalidField("", "the request did not arrive whole")
	}
	return body, nil
}

// parsePath reads the upstream method's path; any other names nothing. A path
// that means to be that method's and is not is refused: taking it for "any
// other" would charge the export to a project that was not named.
func parsePath(u *url.URL) (version, project string, out *Outcome) {
	path, isExport := strings.CutSuffix(u.Path, "/classifier:export")
	version, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	known := version == "v1" || version == "v1beta" || version == "v1alpha"
	switch {
	case isExport && known && isProjectName(rest) && !strings.Contains(strings.ToLower(u.EscapedPath()), "%2f"):
		return version, rest, nil
	case !isExport && !(known && strings.HasPrefix(rest, "projects/")):
		return "", "", nil
	}
	return "", "", invalidField("project", "the path must be /{v1, v1beta or v1alpha}/projects/{id or number}/classifier:export")
}

// parseValidateOnly reads ?validateOnly=true.
func parseValidateOnly(u *url.URL) (bool, *Outcome) {
	if u.RawQuery == "" {
		return false, nil
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false, invalidField("validateOnly", "the query of the URL cannot be read")
	}
	// Both names are taken, as for fields.
	for _, v := range append(values["validateOnly"], values["validate_only"]...) {
		switch v {
		case "true":
			return true, nil
		case "false":
		default:
			return false, invalidField("validateOnly", "must be true or false")
		}
	}
	return false, nil
}

// timeFromHeader is the time of the schedule or of the message; the zero time
// where there is neither.
func timeFromHeader(h http.Header) time.Time {
	for _, name := range []string{"X-Cloudscheduler-Scheduletime", "X-Goog-Pubsub-Publish-Time"} {
		if t, err := time.Parse(time.RFC3339, h.Get(name)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// writeTo answers an HTTP request.
func (o *Outcome) writeTo(w http.ResponseWriter) {
	var body []byte
	switch o.Kind {
	case Exported:
		body = o.Operation.JSON()
	case Validated:
		body = []byte("{}")
	case Watched:
		body = o.body
	default:
		body = o.errorBody()
	}
	o.writeHeader(w, o.Code(), len(body))
	// A sender that has hung up cannot be told so.
	_, _ = w.Write(body)
}

// writeHeader writes the status and the headers of an answer whose body has the
// given length.
func (o *Outcome) writeHeader(w http.ResponseWriter, code, length int) {
	h := w.Header()
	if length > 0 {
		h.Set("Content-Type", jsonContentType)
	}
	h.Set("Content-Length", strconv.Itoa(length))
	h.Set("X-Content-Type-Options", "nosniff")
	if o.RequestID != "" {
		h.Set("X-Request-Id", o.RequestID)
	}
	if o.MessageID != "" {
		h.Set("X-Message-Id", o.MessageID)
	}
	if wait := o.retryAfter(); wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(seconds(wait), 10))
	}
	if o.Kind == WrongMethod {
		h.Set("Allow", http.MethodPost)
	}
	w.WriteHeader(code)
}
