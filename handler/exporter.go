package handler

import (
	"context"
	"errors"
	"log/slog"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
)

// Exporter serves export requests. Make one for a process, with [New]; it is
// safe for concurrent use.
type Exporter struct {
	function
	publisher lazy[publisher]
}

// New makes an Exporter from what [ConfigFromEnv] returned. Where the
// configuration is wrong it says so in the log, and answers every request with
// an internal error. What needs a network is made on first use.
func New(cfg Config, cfgErr error, log *slog.Logger) *Exporter {
	x := new(Exporter)
	x.init(cfg, cfgErr, log)
	x.publisher.make = func(ctx context.Context) (*publisher, error) {
		b, err := x.backend.get(ctx)
		if err != nil {
			return nil, err
		}
		return newPublisher(ctx, b.project)
	}
	return x
}

// export is the pipeline: decode, validate, authorize, submit, publish. Both
// doors go through it, and every rule stands in it.
func (x *Exporter) export(ctx context.Context, d *delivery, rec *record) (out *Outcome) {
	var req Request
	defer func() {
		if out.RequestID == "" {
			out.RequestID = req.RequestID
		}
		rec.request(&req)
	}()
	backend, out := x.connect(ctx, rec)
	if out != nil {
		return out
	}
	if out := x.decode(ctx, d, &req, projectName(backend.project), rec); out != nil {
		return out
	}
	if out := backend.policy.authorize(&req); out != nil {
		return out
	}
	if d.validateOnly {
		return &Outcome{Kind: Validated}
	}
	op, out := x.submit(ctx, backend.client, &req, d, rec)
	if out != nil {
		return out
	}
	return x.publish(ctx, op, &req, d, rec)
}

// decode reads and validates the request, and gives it a request ID whatever
// is wrong with it.
func (x *Exporter) decode(ctx context.Context, d *delivery, req *Request, defaultProject string, rec *record) *Outcome {
	_, step := rec.step(ctx, "decode")
	defer step.end(nil)
	if int64(len(d.body)) > x.cfg.MaxRequestBytes {
		req.Project, req.RequestID = defaultProject, d.source.requestID(defaultProject)
		return tooLarge(x.cfg.MaxRequestBytes)
	}
	var found violations
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
func (x *Exporter) submit(ctx context.Context, client *eeclient.Client, req *Request, d *delivery, rec *record) (*eeclient.Operation, *Outcome) {
	x.publisher.begin(ctx)
	ctx, cancel := x.cfg.keepBack(ctx)
	defer cancel()
	ctx, step := rec.step(ctx, "submit")
	req.NotBefore, req.FirstDelivery, req.Arrival = req.usedSince(d), d.since, rec.arrival
	started, err := client.ExportClassifier(rec.countAttempts(ctx), &req.ExportClassifierRequest)
	var fault *eeclient.Error
	step.end(err)
	switch {
	case errors.As(err, &fault):
		return nil, fromEarthEngine(fault)
	case err != nil:
		return nil, internal(err)
	}
	return started.Operation, nil
}

// publish tells the operations topic of the Operation.
func (x *Exporter) publish(ctx context.Context, op *eeclient.Operation, req *Request, d *delivery, rec *record) *Outcome {
	ctx, step := rec.step(ctx, "publish")
	id, err := x.send(ctx, x.cfg.OperationsTopic, startedMessage(op, req, x.tracing.current(ctx, d.trace)))
	step.end(err)
	if err != nil {
		return unpublished(op, req.RequestID, err)
	}
	return &Outcome{Kind: Exported, Operation: op, MessageID: id}
}

// publishFailure publishes a request that can never succeed, and tells whether
// that is done: only then may its event be acknowledged.
func (x *Exporter) publishFailure(ctx context.Context, d *delivery, out *Outcome, rec *record) bool {
	if !out.Permanent() || x.cfg.FailuresTopic == "" {
		return false
	}
	ctx, step := rec.step(ctx, "publishFailure")
	b, err := x.backend.get(ctx)
	if err == nil {
		if out.RequestID == "" {
			out.RequestID = d.source.requestID(projectName(b.project))
		}
		msg := failedMessage(d, out, projectName(b.project), x.tracing.current(ctx, d.trace))
		_, err = x.send(ctx, x.cfg.FailuresTopic, msg)
	}
	step.end(err)
	rec.failurePublished(err)
	return err == nil
}

func (x *Exporter) send(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) (string, error) {
	p, err := x.publisher.get(ctx)
	if err != nil {
		return "", err
	}
	return p.publish(ctx, topic, msg)
}
