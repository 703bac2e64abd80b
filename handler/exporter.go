package handler

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/request"
	"example.com/eeexport/handler/telemetry"
)

// Exporter serves export requests at both doors. A process needs one, made with
// [New]; it is safe for concurrent use.
type Exporter struct {
	function
	cfg       ExporterConfig
	publisher lazy[message.Publisher]
	buffers   buffers
}

// New makes an Exporter. Clients that need the network are made on first use.
func New(cfg ExporterConfig, log *slog.Logger) *Exporter {
	cfg.MaxRequestBytes = cmp.Or(cfg.MaxRequestBytes, defaultMaxRequestBytes)
	cfg.RequestMaxAge = cmp.Or(cfg.RequestMaxAge, defaultMaxAge)
	x := &Exporter{cfg: cfg}
	x.init(cfg.Config, log)
	x.publisher.make = func(ctx context.Context) (*message.Publisher, error) {
		b, err := x.backend.get(ctx)
		if err != nil {
			return nil, err
		}
		return message.NewPublisher(ctx, b.project, cfg.PubSub...)
	}
	return x
}

// Close closes the connection to Pub/Sub. No request may be in flight.
func (x *Exporter) Close() error {
	if p := x.publisher.made.Load(); p != nil {
		return p.Close()
	}
	return nil
}

// export is the pipeline: decode, validate, authorize, submit, publish. Both
// doors go through it, and it applies every rule.
func (x *Exporter) export(ctx context.Context, d *delivery, line *telemetry.Request) *outcome.Outcome {
	backend, out := x.connect(ctx, line)
	if out != nil {
		return out
	}
	policy := newPolicy(&x.cfg, resource.Project(backend.project))
	req, out := x.decode(ctx, d, policy, backend.project, line)
	if out == nil {
		out = policy.authorize(req)
	}
	if out != nil {
		return out
	}
	if d.validateOnly {
		return &outcome.Outcome{Kind: outcome.Validated}
	}
	export, out := x.submit(ctx, backend.client, req, line)
	if out != nil {
		return out
	}
	return x.publish(ctx, export, req, line)
}

// decode reads and validates the request. It determines the request ID even if
// the request is invalid.
func (x *Exporter) decode(ctx context.Context, d *delivery, p policy, project string, line *telemetry.Request) (*request.Request, *outcome.Outcome) {
	_, end := line.Step(ctx, "decode")
	defer end(nil)
	project = resource.Project(project)
	if int64(len(d.body)) > x.cfg.MaxRequestBytes {
		if out := d.settleID("", project); out != nil {
			return nil, out
		}
		return nil, outcome.RequestTooLarge(x.cfg.MaxRequestBytes)
	}
	req, violations := request.Read(d.body, request.Options{
		Check:          x.cfg.ExpressionCheck,
		AllowedReads:   p.reads,
		Version:        d.version,
		Project:        d.project,
		DefaultProject: project,
		Time:           d.at(),
	})
	line.Set(slog.String("project", ifValid(req.Project, resource.IsProject)),
		slog.String("asset", ifValid(req.Destination.Name, resource.IsAsset)), slog.Int("nodes", req.Nodes))
	out := d.settleID(req.OwnID(), req.Project)
	if len(violations.List) > 0 {
		x.adviseOnCheck(violations.List, line)
		return nil, outcome.InvalidRequest(violations.List, violations.More)
	}
	if out != nil {
		return nil, out
	}
	req.RequestID = d.requestID
	req.Arrival, req.FirstDelivery, req.NotBefore = d.arrival, d.first(), d.notBefore()
	req.DescriptionVaries = req.Dated && !d.sameTime
	return req, nil
}

// ifValid returns name if it is valid, and "" otherwise. Only valid names may
// be logged: a sender can write anything.
func ifValid(name string, valid func(string) bool) string {
	if valid(name) {
		return name
	}
	return ""
}

// adviseOnCheck logs which setting relaxes the check of expressions, if the
// strict check refused one. The advice is for the operator, not for the sender.
func (x *Exporter) adviseOnCheck(violations []eeclient.FieldViolation, line *telemetry.Request) {
	inExpression := func(v eeclient.FieldViolation) bool { return strings.HasPrefix(v.Field, "expression.") }
	if x.cfg.ExpressionCheck == expression.Strict && slices.ContainsFunc(violations, inExpression) {
		line.Set(slog.String("advice", "if Earth Engine accepts such expressions, set EXPRESSION_CHECK=structure"))
	}
}

// submit asks Earth Engine to start the export. It reserves time for publishing,
// and makes the Pub/Sub client in the meantime.
func (x *Exporter) submit(ctx context.Context, client *eeclient.Client, req *request.Request, line *telemetry.Request) (*eeclient.Export, *outcome.Outcome) {
	x.publisher.begin(ctx)
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-x.cfg.publishReserve()))
	defer cancel()
	ctx, end := line.Step(ctx, "submit")
	export, err := client.ExportClassifier(line.Attempts(ctx), &req.ExportClassifierRequest)
	end(err)
	var fault *eeclient.Error
	switch {
	case errors.As(err, &fault):
		line.Quota(fault.Quota)
		return nil, outcome.FromEarthEngine(fault)
	case err != nil:
		return nil, outcome.Failed(err)
	}
	line.Quota(export.Quota)
	return export, nil
}

// publish announces the Operation on the operations topic.
func (x *Exporter) publish(ctx context.Context, export *eeclient.Export, req *request.Request, line *telemetry.Request) *outcome.Outcome {
	ctx, end := line.Step(ctx, "publish")
	op := export.Operation
	id, err := x.send(ctx, x.cfg.OperationsTopic, message.Started(op, message.Origin{
		Project:     req.Project,
		Asset:       req.Destination.Name,
		RequestID:   req.RequestID,
		WorkloadTag: req.WorkloadTag,
		Trace:       line.Trace(ctx),
	}, time.Now()))
	end(err)
	if err != nil {
		return outcome.NotPublished(op, err)
	}
	return &outcome.Outcome{Kind: outcome.Exported, Operation: op, Replayed: export.Replayed, MessageID: id}
}

func (x *Exporter) send(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) (string, error) {
	p, err := x.publisher.get(ctx)
	if err != nil {
		return "", err
	}
	return p.Publish(ctx, topic, msg)
}
