package handler

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"example.com/eeexport/eeclient"
)

// logLine gathers what is said of one request, and is written once, at its end.
type logLine struct {
	trigger  string
	arrival  time.Time
	last     time.Time
	attrs    []slog.Attr
	steps    []any
	trace    traceContext
	attempts int
}

func newLogLine(trigger string) *logLine {
	now := time.Now()
	return &logLine{trigger: trigger, arrival: now, last: now}
}

// delivery notes what arrived.
func (l *logLine) delivery(d *delivery) {
	l.trace = d.trace
	l.attrs = append(l.attrs, slog.Int("bytes", len(d.body)))
	l.step("receive")
}

// request notes what was asked for.
func (l *logLine) request(r *Request) {
	l.attrs = append(l.attrs,
		slog.String("project", r.Project),
		slog.String("asset", clip(r.Destination.Name, maxAssetBytes)))
	if r.Summary != nil {
		l.attrs = append(l.attrs, slog.Int("nodes", r.Summary.Nodes))
	}
}

// step notes how long the step that ends now has taken.
func (l *logLine) step(name string) {
	now := time.Now()
	l.steps = append(l.steps, slog.Duration(name, now.Sub(l.last)))
	l.last = now
}

// countAttempts returns a context in which calls to Earth Engine are counted.
func (l *logLine) countAttempts(ctx context.Context) context.Context {
	return eeclient.WithTrace(ctx, &eeclient.Trace{
		Start: func(ctx context.Context, n int) context.Context {
			l.attempts = n
			return ctx
		},
	})
}

// failurePublished notes what became of a permanent failure.
func (l *logLine) failurePublished(err error) {
	l.attrs = append(l.attrs, slog.Bool("failurePublished", err == nil))
	if err != nil {
		l.attrs = append(l.attrs, slog.String("failureError", clip(err.Error(), maxLogBytes)))
	}
}

// maxLogBytes bounds one text in the log. Stack traces are the longest.
const maxLogBytes = 8 << 10

func (l *logLine) write(ctx context.Context, log *slog.Logger, o *Outcome) {
	row := table[o.Kind]
	if !log.Enabled(ctx, row.severity) {
		return
	}
	class := "success"
	switch {
	case row.permanent:
		class = "permanent"
	case !row.published:
		class = "transient"
	}
	attrs := append(l.attrs,
		slog.String("trigger", l.trigger),
		slog.String("outcome", row.name),
		slog.String("class", class),
		slog.Int("code", o.Code()),
		slog.String("requestId", o.RequestID),
		slog.Int("attempts", l.attempts),
		slog.Group("duration", append(l.steps, slog.Duration("total", time.Since(l.arrival)))...))
	if o.Operation != nil {
		attrs = append(attrs, slog.String("operation", o.Operation.Name()))
	}
	if o.MessageID != "" {
		attrs = append(attrs, slog.String("messageId", o.MessageID))
	}
	if o.Reason != "" {
		attrs = append(attrs, slog.String("reason", o.Reason))
	}
	if o.cause != nil {
		attrs = append(attrs, slog.String("cause", clip(o.cause.Error(), maxLogBytes)))
	}
	if id := l.trace.traceID(); id != "" {
		attrs = append(attrs, slog.String("trace", id), slog.String("span", l.trace.spanID()))
	}
	log.LogAttrs(ctx, row.severity, l.message(o), attrs...)
}

// message says in a sentence how the request ended.
func (l *logLine) message(o *Outcome) string {
	switch {
	case o.Kind == Exported:
		return fmt.Sprintf("%s: %s", o.Kind, o.Operation.Name())
	case o.Message != "":
		return fmt.Sprintf("%s: %s", o.Kind, o.Message)
	}
	return o.Kind.String()
}

// clip shortens s to at most n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}

// NewLogger returns the functions' log: JSON lines on w in the structured form
// of Cloud Logging
// (https://cloud.google.com/logging/docs/structured-logging).
func NewLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudLogging}))
}

// cloudLogging gives slog's own attributes the names and values that Cloud
// Logging knows.
func cloudLogging(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		a.Key = "severity"
		if level, _ := a.Value.Any().(slog.Level); level == slog.LevelWarn {
			a.Value = slog.StringValue("WARNING")
		}
	}
	return a
}
