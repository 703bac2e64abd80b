package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
)

// causeKey is the attribute of the longest values.
const causeKey = "cause"

// Request is the log line of one request and its spans. Nothing in the pipeline
// depends on what it holds. Its methods are safe for concurrent use.
type Request struct {
	tracing *Tracing
	trigger string
	arrival time.Time

	span     trace.Span // of the whole request; nil until Start
	trace    message.Trace
	project  string
	attempts atomic.Int64

	mu    sync.Mutex
	attrs []slog.Attr
	steps []any
}

// Request begins the line of a request that arrived at a function's trigger:
// "http", "event" or "watch".
func (t *Tracing) Request(trigger string, arrival time.Time) *Request {
	return &Request{tracing: t, trigger: trigger, arrival: arrival}
}

// Start begins the request's span, as a child of the sender's, once the request
// has been read.
func (r *Request) Start(ctx context.Context, from message.Trace) context.Context {
	r.trace = from
	r.addStep("receive", time.Since(r.arrival))
	name, kind := "export", trace.SpanKindServer
	switch r.trigger {
	case "watch":
		name = "watch"
	case "event":
		kind = trace.SpanKindConsumer
	}
	ctx, r.span = r.tracing.start(ctx, name, kind, from)
	return ctx
}

// Received records the size of the request's body, and starts the span as Start
// does.
func (r *Request) Received(ctx context.Context, bytes int, from message.Trace) context.Context {
	r.Set(slog.Int("bytes", bytes))
	return r.Start(ctx, from)
}

// Quota adds Earth Engine's headers about quotas.
func (r *Request) Quota(headers map[string]string) {
	if len(headers) > 0 {
		r.Set(slog.Any("quota", headers))
	}
}

// Trace returns the trace context for what the request publishes.
func (r *Request) Trace(ctx context.Context) message.Trace { return r.tracing.current(ctx, r.trace) }

// SetProject names the project that owns the traces: an ID.
func (r *Request) SetProject(id string) { r.project = id }

// Set adds attributes to the line.
func (r *Request) Set(attrs ...slog.Attr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attrs = append(r.attrs, attrs...)
}

// Step begins a step of the pipeline and its span. The returned function ends
// it, as failed if its error is not nil.
func (r *Request) Step(ctx context.Context, name string) (context.Context, func(error)) {
	began := time.Now()
	ctx, span := r.tracing.tracer.Start(ctx, name)
	return ctx, func(err error) {
		r.addStep(name, time.Since(began))
		endSpan(span, err)
	}
}

func (r *Request) addStep(name string, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// In milliseconds, to the microsecond.
	r.steps = append(r.steps, slog.Float64(name, float64(d.Microseconds())/1000))
}

// Attempts returns a context in which each call to Earth Engine is counted and
// has a span.
func (r *Request) Attempts(ctx context.Context) context.Context {
	return eeclient.WithTrace(ctx, &eeclient.Trace{
		Start: func(ctx context.Context, n int) context.Context {
			r.attempts.Add(1)
			ctx, _ = r.tracing.tracer.Start(ctx, "attempt",
				trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.Int("attempt", n)))
			return ctx
		},
		Done: func(ctx context.Context, _ int, err error) {
			endSpan(trace.SpanFromContext(ctx), err)
		},
	})
}

// End writes the line and ends the span. Level and message are the outcome's,
// unless the caller overrides them.
func (r *Request) End(ctx context.Context, log *slog.Logger, o *outcome.Outcome) {
	if r.span != nil {
		r.span.SetAttributes(attribute.String("outcome", o.Kind.String()), attribute.String("requestId", o.RequestID))
		var failed error
		if o.Class() != outcome.Success {
			failed = errors.New(o.Reason)
		}
		endSpan(r.span, failed)
	}
	r.addStep("total", time.Since(r.arrival))
	attrs := []slog.Attr{
		slog.String("trigger", r.trigger),
		slog.String("outcome", o.Kind.String()),
		slog.String("class", string(o.Class())),
		slog.Int("code", o.Code()),
		slog.String("requestId", o.RequestID),
	}
	if o.Operation != nil {
		attrs = append(attrs, slog.String("operation", o.Operation.Name()))
	}
	for _, a := range []slog.Attr{slog.String("messageId", o.MessageID), slog.String("reason", o.Reason)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if o.Cause != nil {
		attrs = append(attrs, slog.String(causeKey, text.Clip(o.Cause.Error(), MaxCauseBytes)))
	}
	r.mu.Lock()
	attrs = append(attrs, r.attrs...)
	attrs = append(attrs, slog.Int64("attempts", r.attempts.Load()), slog.Group("durationMs", r.steps...))
	r.mu.Unlock()
	attrs = append(attrs, r.correlation(ctx)...)
	log.LogAttrs(ctx, o.Severity(), o.LogMessage(), attrs...)
}
