package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/message"
)

const (
	// flushTimeout bounds how long an answer waits for its spans to be sent,
	// since a collector that is down must not hold up exports.
	flushTimeout = 2 * time.Second
	// flushPause is how long answers do not wait for a collector that has
	// failed. Spans are then sent in the background, if there is CPU.
	flushPause = 30 * time.Second
)

// Tracing makes spans if the deployment names a collector, and costs almost
// nothing otherwise.
type Tracing struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider // nil if tracing is off
	log      *slog.Logger

	notBefore atomic.Int64 // when the next flush may be tried, in Unix nanoseconds
}

// NewTracing reads OpenTelemetry's own variables through getenv: tracing is on
// if OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
// The libraries read all others
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
func NewTracing(ctx context.Context, getenv func(string) string, log *slog.Logger) *Tracing {
	t := &Tracing{tracer: noop.NewTracerProvider().Tracer(""), log: log}
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return t
	}
	exporter, err := newSpanExporter(ctx, getenv)
	if err != nil {
		log.Error("tracing is off: " + text.Clip(err.Error(), MaxCauseBytes))
		return t
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "eeexport")),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME overrides it
	if err != nil {
		log.Warn("OTEL_RESOURCE_ATTRIBUTES: " + text.Clip(err.Error(), MaxCauseBytes))
	}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	t.tracer = t.provider.Tracer("example.com/eeexport")
	return t
}

func newSpanExporter(ctx context.Context, getenv func(string) string) (sdktrace.SpanExporter, error) {
	protocol := getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
	if protocol == "" {
		protocol = getenv("OTEL_EXPORTER_OTLP_PROTOCOL")
	}
	switch protocol {
	case "", "http/protobuf":
		return otlptracehttp.New(ctx)
	case "grpc":
		return otlptracegrpc.New(ctx)
	}
	return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %s is neither http/protobuf nor grpc", text.Quote(protocol))
}

// start begins the span of a whole request, as a child of the sender's.
func (t *Tracing) start(ctx context.Context, name string, kind trace.SpanKind, from message.Trace) (context.Context, trace.Span) {
	if t.provider == nil {
		return ctx, trace.SpanFromContext(ctx)
	}
	carrier := propagation.MapCarrier{"traceparent": from.Parent(), "tracestate": from.State()}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
}

// current returns the trace context of ctx's span, or the sender's if tracing is
// off.
func (t *Tracing) current(ctx context.Context, from message.Trace) message.Trace {
	if t.provider == nil {
		return from
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return message.NewTrace(carrier["traceparent"], carrier["tracestate"])
}

// Flush sends the recorded spans within the request's time, since a function
// has no CPU after it answers.
func (t *Tracing) Flush(ctx context.Context) {
	if t.provider == nil || time.Now().UnixNano() < t.notBefore.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	if err := t.provider.ForceFlush(ctx); err != nil {
		t.notBefore.Store(time.Now().Add(flushPause).UnixNano())
		t.log.Warn("spans could not be sent: " + text.Clip(err.Error(), MaxCauseBytes))
	}
}

// endSpan ends a span, as failed if err is not nil.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, text.Clip(err.Error(), MaxCauseBytes))
	}
	span.End()
}
