package handler

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
)

// flushTimeout is how long an answer waits at most for its spans to be sent. A
// collector that is down must not hold up exports.
const flushTimeout = 2 * time.Second

// flushPause is how long answers wait for no spans after a collector has failed;
// they are sent in the background meanwhile, as far as there is CPU.
const flushPause = 30 * time.Second

// tracing makes spans, where the deployment has named a collector, and costs
// nothing to speak of where it has not.
type tracing struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider // nil where tracing is off
	log      *slog.Logger

	notBefore atomic.Int64 // when a flush may be tried again, in Unix nanoseconds
}

// newTracing reads OpenTelemetry's own variables through getenv: tracing is on
// when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
// All others are read by the libraries
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
func newTracing(ctx context.Context, getenv func(string) string, log *slog.Logger) *tracing {
	t := &tracing{tracer: noop.NewTracerProvider().Tracer(""), log: log}
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return t
	}
	exporter, err := newSpanExporter(ctx, getenv)
	if err != nil {
		log.Error("tracing is off: " + clip(err.Error(), maxLogBytes))
		return t
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "eeexport")),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME goes before
	if err != nil {
		log.Warn("OTEL_RESOURCE_ATTRIBUTES: " + clip(err.Error(), maxLogBytes))
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
	return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %s is neither http/protobuf nor grpc", quote(protocol))
}

// start begins the span of a whole request, as a child of the sender's.
func (t *tracing) start(ctx context.Context, name string, kind trace.SpanKind, from traceContext) (context.Context, trace.Span) {
	if t.provider == nil {
		return ctx, trace.SpanFromContext(ctx)
	}
	carrier := propagation.MapCarrier{"traceparent": from.parent, "tracestate": from.state}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
}

// current returns the trace context of ctx's span, for what is sent on; that of
// the sender, unchanged, where tracing is off.
func (t *tracing) current(ctx context.Context, from traceContext) traceContext {
	if t.provider == nil {
		return from
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return newTraceContext(carrier["traceparent"], carrier["tracestate"])
}

// flush sends what has been recorded, within the request's time: a function has
// no CPU after it answers.
func (t *tracing) flush(ctx context.Context) {
	if t.provider == nil || time.Now().UnixNano() < t.notBefore.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	if err := t.provider.ForceFlush(ctx); err != nil {
		t.notBefore.Store(time.Now().Add(flushPause).UnixNano())
		t.log.Warn("spans could not be sent: " + clip(err.Error(), maxLogBytes))
	}
}

// endSpan ends a span, as failed where err says so.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, clip(err.Error(), maxLogBytes))
	}
	span.End()
}
