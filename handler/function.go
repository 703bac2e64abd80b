package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"example.com/eeexport/eeclient"
)

// userAgent names the functions to Earth Engine.
const userAgent = "eeexport"

// function is what all functions share: the configuration, what is made of it
// when it is first needed, and how one request is guarded.
type function struct {
	cfg     Config
	cfgErr  error
	log     *slog.Logger
	tracing *tracing
	backend lazy[backend]
}

// backend is what depends on whose credentials the function has.
type backend struct {
	project string // that owns the topics and is charged by default: an ID
	policy  policy
	client  *eeclient.Client
}

// init fills in the shared part of a function. Where the configuration is wrong
// it says so in the log, once and in full.
func (f *function) init(cfg Config, cfgErr error, log *slog.Logger) {
	f.cfg, f.cfgErr, f.log = cfg, cfgErr, log
	f.tracing = newTracing(context.Background(), os.Getenv, log)
	f.backend.make = f.newBackend
	if cfgErr != nil {
		log.Error("the configuration is wrong: " + cfgErr.Error())
	}
}

// errNotReported stands for the configuration's own errors, which have been
// reported when the function was made.
var errNotReported = errors.New("see what was logged at the start")

// Warm begins to make what the first request will need, and does not wait. What
// is wrong with the credentials is said in the log, before anybody asks.
func (f *function) Warm(ctx context.Context) {
	if f.cfgErr != nil {
		return
	}
	making := f.backend.begin(ctx)
	go func() {
		if <-making.done; making.err != nil {
			f.log.Error("the configuration is wrong: " + clip(making.err.Error(), maxLogBytes))
		}
	}()
}

func (f *function) newBackend(ctx context.Context) (*backend, error) {
	opts := []eeclient.Option{eeclient.WithEndpoint(f.cfg.EarthEngineEndpoint), eeclient.WithUserAgent(userAgent)}
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
		return nil, errors.New("GOOGLE_CLOUD_PROJECT: required, since neither the credentials nor the metadata server name a project")
	}
	client, err := eeclient.New(ctx, opts...)
	if err != nil {
		return nil, err
	}
	return &backend{
		project: project,
		policy:  newPolicy(f.cfg.AllowedProjects, f.cfg.AllowedAssets, projectName(project)),
		client:  client,
	}, nil
}

// guard runs one request: it bounds its time, sees that nothing that its sender
// does cuts it short once it is under way, turns a panic into an outcome, and
// writes what there is to say of it.
func (f *function) guard(ctx context.Context, rec *record, run func(context.Context) *Outcome) (out *Outcome) {
	// The sender's context ends when the sender hangs up. An export that has
	// started must still be published then. (The CloudEvents receiver may even
	// hand over the context of another request.)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), rec.arrival.Add(f.cfg.time()))
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			out = internal(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
		rec.write(ctx, f.log, out)
		f.tracing.flush(ctx)
	}()
	if f.cfgErr != nil {
		return notConnected(errNotReported)
	}
	return run(ctx)
}

// connect returns what [function.newBackend] has made.
func (f *function) connect(ctx context.Context, rec *record) (*backend, *Outcome) {
	b, err := f.backend.get(ctx)
	if err != nil {
		return nil, notConnected(err)
	}
	rec.project = b.project
	return b, nil
}
