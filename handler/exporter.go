package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
)

// userAgent names the function to Earth Engine.
const userAgent = "eeexport"

// Exporter serves export requests. Make one for a process, with [New]; it is
// safe for concurrent use.
type Exporter struct {
	cfg    Config
	cfgErr error
	log    *slog.Logger

	// What needs a network, a file or time is made when it is first needed.
	backend   lazy[backend]
	publisher lazy[publisher]
}

// backend is what depends on whose credentials the function has.
type backend struct {
	project string // that owns the topics and is charged by default: an ID
	policy  policy
	client  *eeclient.Client
}

// New makes an Exporter from what [ConfigFromEnv] returned. Where the
// configuration is wrong it says so in the log, once and in full, and answers
// every request with an internal error.
func New(cfg Config, cfgErr error, log *slog.Logger) *Exporter {
	x := &Exporter{cfg: cfg, cfgErr: cfgErr, log: log}
	x.backend.make = x.newBackend
	x.publisher.make = x.newPublisher
	if cfgErr != nil {
		log.Error("the configuration is wrong: " + cfgErr.Error())
	}
	return x
}

// Warm begins to make what the first request will need, and does not wait.
func (x *Exporter) Warm(ctx context.Context) {
	if x.cfgErr == nil {
		x.backend.begin(ctx)
	}
}

func (x *Exporter) newBackend(ctx context.Context) (*backend, error) {
	opts := []eeclient.Option{eeclient.WithEndpoint(x.cfg.EarthEngineEndpoint), eeclient.WithUserAgent(userAgent)}
	project := x.cfg.Project
	if host := x.cfg.EarthEngineEmulatorHost; host != "" {
		opts = append(opts, eeclient.WithEmulatorHost(host))
	}
	if x.cfg.EarthEngineEmulatorHost == "" || project == "" {
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
		policy:  newPolicy(x.cfg.AllowedProjects, x.cfg.AllowedAssets, projectName(project)),
		client:  client,
	}, nil
}

func (x *Exporter) newPublisher(ctx context.Context) (*publisher, error) {
	b, err := x.backend.get(ctx)
	if err != nil {
		return nil, err
	}
	return newPublisher(ctx, b.project)
}

// export is the pipeline: decode, validate, authorize, submit, publish. Both
// doors go through it, and every rule stands in it.
func (x *Exporter) export(ctx context.Context, d *delivery, line *logLine) (out *Outcome) {
	var req Request
	defer func() {
		if out.RequestID == "" {
			out.RequestID = req.RequestID
		}
		line.request(&req)
	}()
	backend, err := x.backend.get(ctx)
	if err != nil {
		return internal(fmt.Errorf("the configuration is wrong: %w", err))
	}

	if out := x.decode(d, &req, projectName(backend.project)); out != nil {
		return out
	}
	line.step("decode")
	if out := backend.policy.authorize(&req); out != nil {
		return out
	}
	if d.validateOnly {
		return &Outcome{Kind: Validated}
	}
	op, fault := x.submit(ctx, backend.client, &req, d, line)
	line.step("submit")
	if fault != nil {
		return fault
	}
	id, err := x.publish(ctx, x.cfg.OperationsTopic, startedMessage(op, &req, d.trace))
	line.step("publish")
	if err != nil {
		return unpublished(op, req.RequestID, err)
	}
	return &Outcome{Kind: Exported, Operation: op, MessageID: id}
}

// decode reads and validates the request, and gives it a request ID whatever
// is wrong with it.
func (x *Exporter) decode(d *delivery, req *Request, defaultProject string) *Outcome {
	var found violations
	if int64(len(d.body)) > x.cfg.MaxRequestBytes {
		req.Project, req.RequestID = defaultProject, d.source.requestID(defaultProject)
		return tooLarge(x.cfg.MaxRequestBytes)
	}
	req.Version = d.version
	if decode(d.body, req, x.cfg.ExpressionCheck, &found) {
		req.validate(d, defaultProject, &found)
	}
	if req.ownID = isRequestID(req.RequestID); !req.ownID {
		req.RequestID = d.source.requestID(req.Project)
	}
	if len(found.list) > 0 {
		return invalid(&found)
	}
	return nil
}

// submit asks Earth Engine to start the export. Time is kept back for telling
// the topic, and the Pub/Sub client is made meanwhile.
func (x *Exporter) submit(ctx context.Context, client *eeclient.Client, req *Request, d *delivery, line *logLine) (*eeclient.Operation, *Outcome) {
	x.publisher.begin(ctx)
	ctx, cancel := x.cfg.keepBack(ctx)
	defer cancel()
	op, err := client.ExportClassifier(line.countAttempts(ctx), &req.ExportClassifierRequest)
	var fault *eeclient.Error
	if errors.As(err, &fault) && fault.Status == "ALREADY_EXISTS" {
		// The request ID has been used: an earlier attempt has started the
		// Operation, and its answer was lost. Another must never be started.
		if op, err = x.find(ctx, client, req, d, line); op == nil && err == nil {
			return nil, duplicate(fault)
		}
	}
	switch {
	case errors.As(err, &fault):
		return nil, fromEarthEngine(fault)
	case err != nil:
		return nil, internal(err)
	}
	return op, nil
}

// find looks for the Operation that the request ID has been used for: first
// among those begun since the request arrived, if this was not the first
// attempt, since the one before it is then the likeliest to have started it.
func (x *Exporter) find(ctx context.Context, client *eeclient.Client, req *Request, d *delivery, line *logLine) (*eeclient.Operation, error) {
	if line.attempts > 1 {
		if op, err := client.FindExport(ctx, &req.ExportClassifierRequest, line.arrival); op != nil || err != nil {
			return op, err
		}
	}
	return client.FindExport(ctx, &req.ExportClassifierRequest, req.usedSince(d))
}

func (x *Exporter) publish(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) (string, error) {
	p, err := x.publisher.get(ctx)
	if err != nil {
		return "", err
	}
	return p.publish(ctx, topic, msg)
}

// guard runs one request: it bounds its time, sees that nothing that its sender
// does cuts it short once it is under way, turns a panic into an outcome, and
// writes the log line.
func (x *Exporter) guard(ctx context.Context, line *logLine, run func(context.Context) *Outcome) (out *Outcome) {
	// The sender's context ends when the sender hangs up. An export that has
	// started must still be published then. (The CloudEvents receiver may even
	// hand over the context of another request.)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), line.arrival.Add(x.cfg.time()))
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			out = internal(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
		line.write(ctx, x.log, out)
	}()
	if x.cfgErr != nil {
		return internal(errors.New("the configuration is wrong"))
	}
	return run(ctx)
}

// time is how long one request may take: all that the platform gives, less what
// it takes to answer.
func (c *Config) time() time.Duration {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return timeout - min(timeout/10, time.Second)
}

// keepBack returns a context that ends early enough to publish afterwards.
func (c *Config) keepBack(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline()
	return context.WithDeadline(ctx, deadline.Add(-min(c.time()/4, publishTimeout)))
}
