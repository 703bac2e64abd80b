package handler

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/requestid"
	"example.com/eeexport/handler/webhook"
)

// ServeHTTP is the HTTP door: webhooks, Cloud Scheduler, Workflows, people, and
// Pub/Sub push with payload unwrapping.
//
// A request is either the upstream method's own,
// POST /{v1|v1beta|v1alpha}/projects/{project}/classifier:export, or a POST at
// any other path with the same body and an optional project in it. The answer
// is the Operation as Earth Engine sent it, or Google's error body.
func (x *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d := newDelivery()
	line := x.tracing.Request("http", d.arrival)
	out := x.guard(r.Context(), d, line, func(ctx context.Context) *outcome.Outcome {
		if out := x.receive(w, r, d); out != nil {
			return out
		}
		return x.export(line.Received(ctx, len(d.body), d.trace), d, line)
	})
	out.WriteTo(w)
	x.buffers.put(d.body)
}

// receive fills in the delivery of an HTTP request.
func (x *Exporter) receive(w http.ResponseWriter, r *http.Request, d *delivery) (out *outcome.Outcome) {
	if out := x.checkHead(w, r, d.arrival); out != nil {
		return out
	}
	// The signature's headers are checked before the body is read, and the
	// signature before anything in the body.
	var signed *webhook.Verifier
	if len(x.cfg.WebhookSecrets) > 0 {
		v, err := x.cfg.WebhookSecrets.Begin(r.Header, d.arrival)
		if err != nil {
			return unauthenticated(err)
		}
		signed = v
	}
	if d.body, out = x.readBody(w, r, d.arrival, x.cfg.MaxRequestBytes, signed); out != nil {
		return out
	}
	if signed != nil {
		if err := signed.Verify(); err != nil {
			return unauthenticated(err)
		}
	}
	if d.version, d.project, out = parsePath(r.URL); out != nil {
		return out
	}
	if d.validateOnly, out = parseValidateOnly(r.URL); out != nil {
		return out
	}
	d.trace = message.TraceFromHeader(r.Header)
	d.identify(r.Header, signed)
	return nil
}

// identify fills in the delivery's identity and time: a verified webhook's ID and
// timestamp, which its signature covers, or otherwise those of the headers.
func (d *delivery) identify(h http.Header, signed *webhook.Verifier) {
	if signed != nil {
		d.identity.Webhook, d.time = signed.ID, signed.Time
		return
	}
	d.identifyByHeaders(h)
	if h.Get("X-Goog-Pubsub-Message-Id") != "" {
		// With write_metadata, a push carries the message's attributes as headers.
		d.keepIdentity(h.Get(message.AttributeRequestID), h.Get(message.AttributeFirstPublishTime))
	}
}

// identifyByHeaders takes the delivery's identity and time from its headers.
func (d *delivery) identifyByHeaders(h http.Header) {
	d.identity.Header, d.identity.Caller = h, requestid.Caller(h)
	d.identity.EventSource, d.identity.EventID = h.Get("Ce-Source"), h.Get("Ce-Id")
	for _, name := range []string{"X-Cloudscheduler-Scheduletime", "X-Goog-Pubsub-Publish-Time", "Ce-Time"} {
		if t, err := time.Parse(time.RFC3339, h.Get(name)); err == nil {
			d.time, d.sameTime = t, true
			return
		}
	}
}

// keepIdentity takes the identity that a message keeps when it is published
// again.
func (d *delivery) keepIdentity(id, firstPublishTime string) {
	d.identity.Attribute = id
	if t, err := time.Parse(time.RFC3339, firstPublishTime); err == nil {
		d.time, d.sameTime = t, true
	}
}

func unauthenticated(err error) *outcome.Outcome {
	return &outcome.Outcome{Kind: outcome.Unauthenticated, Reason: "INVALID_SIGNATURE", Message: err.Error()}
}

// parsePath reads the upstream method's path; any other path names no project. A
// path that resembles the method's is refused, since ignoring it would charge the
// export to a project that the path does not name.
func parsePath(u *url.URL) (version, project string, out *outcome.Outcome) {
	path, isExport := strings.CutSuffix(u.Path, "/classifier:export")
	version, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	known := version == "v1" || version == "v1beta" || version == "v1alpha"
	switch {
	case isExport && known && resource.IsProject(rest) && !strings.Contains(strings.ToLower(u.EscapedPath()), "%2f"):
		return version, rest, nil
	case !isExport && !(known && strings.HasPrefix(rest, "projects/")):
		return "", "", nil
	}
	return "", "", outcome.InvalidField("project", "the path must be /{v1, v1beta or v1alpha}/projects/{id or number}/classifier:export")
}

// parseValidateOnly reads ?validateOnly=true, under either name of the field.
func parseValidateOnly(u *url.URL) (bool, *outcome.Outcome) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false, outcome.InvalidField("validateOnly", "the query of the URL cannot be read")
	}
	plain := strings.NewReplacer("_", "", "-", "")
	for name := range values {
		// Ignoring another spelling would start an export that its sender only
		// wants to check.
		if strings.EqualFold(plain.Replace(name), "validateOnly") && name != "validateOnly" && name != "validate_only" {
			return false, outcome.InvalidField("validateOnly", "must be written validateOnly")
		}
	}
	validate := false
	for _, v := range append(values["validateOnly"], values["validate_only"]...) {
		switch v {
		case "true":
			validate = true
		case "false":
		default:
			return false, outcome.InvalidField("validateOnly", "must be true or false")
		}
	}
	return validate, nil
}
