package handler

import (
	"context"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
)

// NewLogger returns the functions' log on w: JSON lines in the structured form
// of Cloud Logging
// (https://cloud.google.com/logging/docs/structured-logging), or text where w is
// a terminal.
//
// It is meant for os.Stderr, which is where the framework's own LogWriter
// writes; that would wrap each line in a JSON text of its own, and Cloud
// Logging would not see the fields.
func NewLogger(w io.Writer) *slog.Logger {
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, nil))
		}
	}
	return slog.New(errorSource{slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudLogging})})
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

// errorSource adds to errors where in the source they come from.
type errorSource struct {
	slog.Handler
}

// Handle implements [slog.Handler].
func (h errorSource) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError && r.PC != 0 {
		frame, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
		r = r.Clone()
		r.AddAttrs(slog.Group("logging.googleapis.com/sourceLocation",
			slog.String("file", frame.File), slog.Int("line", frame.Line), slog.String("function", frame.Function)))
	}
	return h.Handler.Handle(ctx, r)
}

// callerPC returns the place in the source that called the caller.
func callerPC() uintptr {
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	return pcs[0]
}

// clip shortens s to at most n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
