// Package telemetry writes the functions' log, one structured line per request, in
// the form of Cloud Logging, and spans if the deployment names a collector.
package telemetry

import (
	"io"
	"log/slog"
	"os"

	"example.com/eeexport/eeclient/text"
)

const (
	// maxValueBytes bounds a value in the log: senders choose many of them.
	maxValueBytes = 1 << 10
	// MaxCauseBytes bounds the longest value, the cause of a fault. A line has
	// one or two of them, and stays far below 64 KB.
	MaxCauseBytes = 8 << 10
)

// NewLogger returns the functions' log on w: JSON lines in the structured form
// of Cloud Logging
// (https://cloud.google.com/logging/docs/structured-logging), or text if w is a
// terminal.
//
// Use it with os.Stderr and not with the framework's LogWriter, which wraps each
// line in JSON of its own, where Cloud Logging does not see the fields.
func NewLogger(w io.Writer) *slog.Logger {
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, nil))
		}
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudLogging}))
}

// cloudLogging gives slog's own attributes the names and values that Cloud
// Logging expects, and clips the others.
func cloudLogging(groups []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindString {
		limit := maxValueBytes
		if a.Key == causeKey || a.Key == slog.MessageKey {
			limit = MaxCauseBytes
		}
		a.Value = slog.StringValue(text.Clip(a.Value.String(), limit))
	}
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
