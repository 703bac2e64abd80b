package telemetry

import (
	"context"
	"log/slog"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	"example.com/eeexport/eeclient/resource"
)

// correlation returns the fields by which Cloud Logging groups the request's
// lines. The framework takes them from headers, so they are logged only if they
// have the platform's form.
func (r *Request) correlation(ctx context.Context) (attrs []slog.Attr) {
	traceID, spanID := r.trace.TraceID(), r.trace.SpanID()
	if traceID == "" {
		traceID, spanID = funcframework.TraceIDFromContext(ctx), funcframework.SpanIDFromContext(ctx)
	}
	if r.span != nil && r.span.SpanContext().IsValid() {
		traceID, spanID = r.span.SpanContext().TraceID().String(), r.span.SpanContext().SpanID().String()
	}
	if isLabel(traceID) {
		if r.project != "" {
			traceID = resource.Project(r.project) + "/traces/" + traceID
		}
		attrs = append(attrs, slog.String("logging.googleapis.com/trace", traceID))
		if isLabel(spanID) {
			attrs = append(attrs, slog.String("logging.googleapis.com/spanId", spanID))
		}
	}
	if id := funcframework.ExecutionIDFromContext(ctx); isLabel(id) {
		attrs = append(attrs, slog.Group("logging.googleapis.com/labels", slog.String("execution_id", id)))
	}
	return attrs
}

func isLabel(s string) bool {
	return len(s) <= 64 && resource.ConsistsOf(s, resource.IsAlnum, '-', '_')
}
