package handler

import (
	"context"
	"log/slog"
	"time"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/telemetry"
)

// WaitFrom is the delivery from which an event that has to wait is published
// again. A dead-letter policy gives up after at most 100 deliveries
// (https://cloud.google.com/pubsub/docs/handling-failures).
const WaitFrom = 50

// settle decides whether an event is acknowledged. It is acknowledged if its
// Operation is published, if it can never succeed and has been published to the
// failures topic, or if it has to wait and has been published again. Otherwise
// Pub/Sub redelivers it or moves it to the subscription's dead-letter topic.
func (x *Exporter) settle(ctx context.Context, d *delivery, out *outcome.Outcome, line *telemetry.Request) *outcome.Outcome {
	if d.validateOnly {
		return out
	}
	if out.Class() == outcome.Transient && x.cfg.RequestsTopic != "" && d.message != nil && d.requestID != "" {
		if age := time.Since(d.first()); age > x.cfg.RequestMaxAge {
			out = outcome.Overdue(out, age.Truncate(time.Second))
		} else if d.attempt >= WaitFrom {
			out.Settled = x.publishAgain(ctx, d, line) == nil
		}
	}
	switch out.Class() {
	case outcome.Success:
		out.Settled = true
	case outcome.Permanent:
		out.Settled = x.cfg.FailuresTopic != "" && x.publishFailure(ctx, d, out, line) == nil
	}
	return out
}

// publishAgain publishes the event to the requests topic, where it waits as the
// same request.
func (x *Exporter) publishAgain(ctx context.Context, d *delivery, line *telemetry.Request) error {
	ctx, end := line.Step(ctx, "publishAgain")
	_, err := x.send(ctx, x.cfg.RequestsTopic, message.Again(d.message.Data, d.message.Attributes, d.requestID, d.first()))
	end(err)
	line.Set(slog.Bool("waits", err == nil))
	if err != nil {
		line.Set(slog.String("waitError", err.Error()))
	}
	return err
}

// publishFailure publishes a request that can never succeed.
func (x *Exporter) publishFailure(ctx context.Context, d *delivery, out *outcome.Outcome, line *telemetry.Request) error {
	ctx, end := line.Step(ctx, "publishFailure")
	b, err := x.backend.get(ctx)
	if err == nil {
		project := resource.Project(b.project)
		if d.requestID == "" { // the request could not be decoded
			_ = d.settleID("", project) // an event always has an identity
		}
		failure := message.Failure{
			Code:            out.Status(),
			Reason:          out.Reason,
			Message:         out.Message,
			Violations:      out.Violations,
			RequestID:       d.requestID,
			Operation:       out.Metadata["operation"],
			DeliveryAttempt: d.attempt,
			MayHaveStarted:  out.MayHaveStarted || (out.Kind == outcome.Refused || out.Kind == outcome.NotAllowed) && d.mayBeRedelivered(),
		}
		_, err = x.send(ctx, x.cfg.FailuresTopic, message.RequestFailed(d.body, d.contentType, project, failure, line.Trace(ctx), time.Now()))
	}
	end(err)
	line.Set(slog.Bool("failurePublished", err == nil))
	if err != nil {
		line.Set(slog.String("failureError", err.Error()))
	}
	return err
}
