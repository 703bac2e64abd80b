package handler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/telemetry"
)

// function is what all functions share: the configuration, the clients made from
// it on first use, and the guard around a request.
type function struct {
	cfg     Config
	log     *slog.Logger
	tracing *telemetry.Tracing
	backend lazy[backend]
}

// backend is what depends on the function's credentials.
type backend struct {
	project string // that owns the topics and is charged by default: an ID
	client  *eeclient.Client
}

func (f *function) init(cfg Config, log *slog.Logger) {
	f.cfg, f.log = cfg, log
	f.tracing = telemetry.NewTracing(context.Background(), os.Getenv, log)
	f.backend.make = f.newBackend
}

// Warm starts making what the first request will need, and does not wait for it.
// Wrong credentials are logged as soon as they are known.
func (f *function) Warm(ctx context.Context) {
	making := f.backend.begin(ctx)
	go func() {
		if made := <-making; made.Err != nil {
			f.log.Error("the configuration is wrong: " + text.Clip(made.Err.Error(), telemetry.MaxCauseBytes))
		}
	}()
}

func (f *function) newBackend(ctx context.Context) (*backend, error) {
	opts := []eeclient.Option{eeclient.WithEndpoint(cmp.Or(f.cfg.EarthEngineEndpoint, eeclient.DefaultEndpoint))}
	project := f.cfg.Project
	if host := f.cfg.EarthEngineEmulatorHost; host != "" {
		opts = append(opts, eeclient.WithEmulatorHost(host))
	}
	if f.cfg.EarthEngineEmulatorHost == "" || project == "" {
		creds, err := eeclient.FindCredentials(ctx)
		if err != nil {
			return nil, fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS: %w", err)
		}
		if project == "" {
			project = creds.ProjectID
		}
		opts = append(opts, eeclient.WithCredentials(creds))
	}
	if project == "" {
		return nil, errors.New("GOOGLE_CLOUD_PROJECT: required, since neither the credentials nor the metadata server names a project")
	}
	client, err := eeclient.New(ctx, append(opts, f.cfg.EarthEngine...)...)
	if err != nil {
		return nil, err
	}
	return &backend{project, client}, nil
}

// guard runs one request: it bounds the time, keeps a sender that hangs up from
// ending it, turns a panic into an outcome, adds the request ID, and writes the
// log line.
func (f *function) guard(ctx context.Context, d *delivery, line *telemetry.Request, run func(context.Context) *outcome.Outcome) (out *outcome.Outcome) {
	// The sender's context ends when the sender hangs up, but an export that has
	// started must be published.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), d.arrival.Add(f.cfg.budget()))
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			out = outcome.Failed(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
		out.RequestID = d.requestID
		line.End(ctx, f.log, out)
		f.tracing.Flush(ctx)
	}()
	return run(ctx)
}

// connect returns the backend.
func (f *function) connect(ctx context.Context, line *telemetry.Request) (*backend, *outcome.Outcome) {
	b, err := f.backend.get(ctx)
	if err != nil {
		return nil, outcome.NotConnected(err)
	}
	line.SetProject(b.project)
	return b, nil
}

// Misconfigured returns a handler for a function whose configuration is wrong. It
// logs err once, and answers every request with an internal error.
func Misconfigured(err error, log *slog.Logger) http.Handler {
	log.Error("the configuration is wrong: " + err.Error())
	tracing := telemetry.NewTracing(context.Background(), func(string) string { return "" }, log)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := outcome.NotConnected(errors.New("see the first lines of the log"))
		tracing.Request("http", time.Now()).End(r.Context(), log, out)
		out.WriteTo(w)
	})
}
