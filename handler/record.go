package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"example.com/eeexport/eeclient"
)

// record is what is kept of one request while it is served: its log line, which
// is written once, at its end, and its spans.
type record struct {
	trigger string
	arrival time.Time
	tracing *tracing
	project string // that owns the traces; "" while it is not known

	span     trace.Span // of the whole request; nil before it is begun
	trace    traceContext
	attrs    []slog.Attr
	steps    []any
	attempts atomic.Int64 // of calls to Earth Engine; the watcher makes them at once
}

func newRecord(trigger string, t *tracing) *record {
	return &record{trigger: trigger, arrival: time.Now(), tracing: t}
}

// begin notes what has arrived, and begins the span of the request.
func (r *record) begin(ctx context.Context, d *delivery) context.Context {
	r.trace = d.trace
	if r.trigger != "watch" {
		r.attrs = append(r.attrs, slog.Int("bytes", len(d.body)))
	}
	r.steps = append(r.steps, duration("receive", time.Since(r.arrival)))
	kind := trace.SpanKindServer
	if r.trigger == "event" {
		kind = trace.SpanKindConsumer
	}
	name := "export"
	if r.trigger == "watch" {
		name = "watch"
	}
	ctx, r.span = r.tracing.start(ctx, name, kind, d.trace)
	return ctx
}

// request notes what was asked for.
func (r *record) request(req *Request) {
	r.attrs = append(r.attrs,
		slog.String("project", req.Project),
		slog.String("asset", clip(req.Destination.Name, maxAssetBytes)))
	if req.Summary != nil {
		r.attrs = append(r.attrs, slog.Int("nodes", req.Summary.Nodes))
	}
}

// step is a part of the pipeline that takes time.
type step struct {
	record *record
	name   string
	began  time.Time
	span   trace.Span
}

// step begins a step and its span, in which the returned context is.
func (r *record) step(ctx context.Context, name string) (context.Context, *step) {
	s := &step{record: r, name: name, began: time.Now()}
	ctx, s.span = r.tracing.tracer.Start(ctx, name)
	return ctx, s
}

// end notes how long the step has taken, and whether it failed.
func (s *step) end(err error) {
	s.record.steps = append(s.record.steps, duration(s.name, time.Since(s.began)))
	endSpan(s.span, err)
}

// countAttempts returns a context in which calls to Earth Engine are counted,
// and each has a span.
func (r *record) countAttempts(ctx context.Context) context.Context {
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

// failurePublished notes what became of a permanent failure.
func (r *record) failurePublished(err error) {
	r.attrs = append(r.attrs, slog.Bool("failurePublished", err == nil))
	if err != nil {
		r.attrs = append(r.attrs, slog.String("failureError", clip(err.Error(), maxLogBytes)))
	}
}

// tick notes what a tick of the watcher has done.
func (r *record) tick(s *tickSummary, err error) {
	r.attrs = append(r.attrs,
		slog.Int("pending", s.Pending),
		slog.Group("ended", slog.Int("succeeded", s.Ended.Succeeded), slog.Int("failed", s.Ended.Failed), slog.Int("cancelled", s.Ended.Cancelled)),
		slog.Int("errors", s.Errors),
		slog.Int("foreign", s.Foreign),
		slog.String("oldestPendingAge", s.OldestPendingAge))
	if err != nil {
		r.attrs = append(r.attrs, slog.String("publishError", clip(err.Error(), maxLogBytes)))
	}
}

// maxLogBytes bounds one text in the log. Stack traces are the longest.
const maxLogBytes = 8 << 10

// write ends the record: the span, and the one line in the log.
func (r *record) write(ctx context.Context, log *slog.Logger, o *Outcome) {
	row := table[o.Kind]
	if r.span != nil {
		r.span.SetAttributes(attribute.String("outcome", row.name), attribute.String("requestId", o.RequestID))
		var failed error
		if !row.published {
			failed = errors.New(o.Reason)
		}
		endSpan(r.span, failed)
	}
	if !log.Enabled(ctx, row.severity) {
		return
	}
	r.steps = append(r.steps, duration("total", time.Since(r.arrival)))
	line := slog.NewRecord(time.Now(), row.severity, message(o), o.pc)
	line.AddAttrs(
		slog.String("trigger", r.trigger),
		slog.String("outcome", row.name),
		slog.String("class", row.class()),
		slog.Int("code", o.Code()),
		slog.String("requestId", o.RequestID))
	if o.Operation != nil {
		line.AddAttrs(slog.String("operation", o.Operation.Name()))
	}
	if o.MessageID != "" {
		line.AddAttrs(slog.String("messageId", o.MessageID))
	}
	if o.Reason != "" {
		line.AddAttrs(slog.String("reason", o.Reason))
	}
	if o.cause != nil {
		line.AddAttrs(slog.String("cause", clip(o.cause.Error(), maxLogBytes)))
	}
	line.AddAttrs(r.attrs...)
	line.AddAttrs(slog.Int64("attempts", r.attempts.Load()), slog.Group("durationMs", r.steps...))
	line.AddAttrs(r.correlation(ctx)...)
	// A log that cannot be written cannot be written about.
	_ = log.Handler().Handle(ctx, line)
}

// correlation are the fields by which Cloud Logging shows the line beside
// others of the request.
func (r *record) correlation(ctx context.Context) (attrs []slog.Attr) {
	traceID, spanID := r.trace.traceID(), r.trace.spanID()
	if traceID == "" {
		traceID, spanID = funcframework.TraceIDFromContext(ctx), funcframework.SpanIDFromContext(ctx)
	}
	if r.span != nil && r.span.SpanContext().IsValid() {
		traceID, spanID = r.span.SpanContext().TraceID().String(), r.span.SpanContext().SpanID().String()
	}
	if traceID != "" {
		if r.project != "" {
			traceID = projectName(r.project) + "/traces/" + traceID
		}
		attrs = append(attrs, slog.String("logging.googleapis.com/trace", traceID))
		if spanID != "" {
			attrs = append(attrs, slog.String("logging.googleapis.com/spanId", spanID))
		}
	}
	if id := funcframework.ExecutionIDFromContext(ctx); id != "" {
		attrs = append(attrs, slog.Group("logging.googleapis.com/labels", slog.String("execution_id", id)))
	}
	return attrs
}

// message says in a sentence how the request ended. What an invalid request holds
// may be anything, a secret too: of it, the log tells no more than how much is
// wrong.
func message(o *Outcome) string {
	switch {
	case o.Operation != nil && o.Kind == Exported:
		return fmt.Sprintf("%s: %s", o.Kind, o.Operation.Name())
	case o.Kind == Invalid:
		return fmt.Sprintf("%s: violations: %d", o.Kind, len(o.Violations))
	case o.Message != "":
		return fmt.Sprintf("%s: %s", o.Kind, o.Message)
	}
	return o.Kind.String()
}

// duration is a time in the log: in milliseconds, to the microsecond.
func duration(name string, d time.Duration) slog.Attr {
	return slog.Float64(name, float64(d.Microseconds())/1000)
}
