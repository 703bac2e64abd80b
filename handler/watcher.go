package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"google.golang.org/api/option"

	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/telemetry"
	"example.com/eeexport/handler/watch"
)

// Watcher is the function WatchOperations, which Cloud Scheduler calls once a
// minute. It follows started Operations to their end and publishes it. Package
// [watch] says how, and which settings its subscription needs.
type Watcher struct {
	function
	cfg     WatcherConfig
	clients lazy[watch.Clients]
}

// NewWatcher makes a Watcher. Clients that need the network are made on first
// use.
func NewWatcher(cfg WatcherConfig, log *slog.Logger) *Watcher {
	w := &Watcher{cfg: cfg}
	w.init(cfg.Config, log)
	w.clients.make = w.newClients
	return w
}

func (w *Watcher) newClients(ctx context.Context) (*watch.Clients, error) {
	b, err := w.backend.get(ctx)
	if err != nil {
		return nil, err
	}
	publisher, err := message.NewPublisher(ctx, b.project, w.cfg.PubSub...)
	if err != nil {
		return nil, err
	}
	subscriber, err := pubsub.NewSubscriptionAdminClient(ctx, append([]option.ClientOption{message.KeepAlive}, w.cfg.PubSub...)...)
	if err != nil {
		return nil, err
	}
	return &watch.Clients{
		EarthEngine:      b.client,
		Publisher:        publisher,
		Pending:          message.Subscription{Client: subscriber, Name: message.ResourceName(b.project, "subscriptions", w.cfg.PendingSubscription)},
		CompletionsTopic: w.cfg.CompletionsTopic,
	}, nil
}

// ServeHTTP serves a tick: a POST, with any body. The answer is a JSON
// [watch.Summary], or an error if nothing could be done.
func (w *Watcher) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	d := newDelivery()
	line := w.tracing.Request("watch", d.arrival)
	out := w.guard(r.Context(), d, line, func(ctx context.Context) *outcome.Outcome {
		if r.Method != http.MethodPost {
			return outcome.MethodNotAllowed()
		}
		return w.tick(line.Start(ctx, message.NewTrace(r.Header.Get("Traceparent"), r.Header.Get("Tracestate"))), line)
	})
	out.WriteTo(rw)
}

func (w *Watcher) tick(ctx context.Context, line *telemetry.Request) *outcome.Outcome {
	if _, out := w.connect(ctx, line); out != nil {
		return out
	}
	clients, err := w.clients.get(ctx)
	if err != nil {
		return outcome.NotConnected(err)
	}
	summary, err := watch.Tick(line.Attempts(ctx), clients)
	w.report(ctx, summary, line)
	if err != nil {
		return &outcome.Outcome{Kind: outcome.Unavailable, Reason: "NOTHING_WATCHED", Cause: err,
			Message: "no Operation could be checked or published; see the log"}
	}
	out := &outcome.Outcome{Kind: outcome.Watched}
	if summary.Errors > 0 {
		out.Kind, out.Cause = outcome.WatchedPartly, summary.Cause
		out.Message = fmt.Sprintf("errors: %d", summary.Errors)
	}
	if out.Body, err = json.Marshal(summary); err != nil {
		return outcome.Failed(err)
	}
	return out
}

// report logs what a tick did: the numbers in the tick's line, and the compute of
// ended Operations in a line for each project and workload tag, since a log-based
// metric takes one number and its labels from each line.
func (w *Watcher) report(ctx context.Context, s *watch.Summary, line *telemetry.Request) {
	line.Set(slog.Int("pending", s.Pending), slog.Int("errors", s.Errors), slog.Int("foreign", s.Foreign),
		slog.Group("ended", slog.Int("succeeded", s.Ended.Succeeded), slog.Int("failed", s.Ended.Failed), slog.Int("cancelled", s.Ended.Cancelled)),
		slog.Float64("oldestPendingSeconds", s.OldestPending.Seconds()))
	for _, u := range s.Usage {
		w.log.LogAttrs(ctx, slog.LevelInfo, "eecu", slog.String("trigger", "watch"),
			slog.String("project", u.Project), slog.String("workloadTag", u.WorkloadTag), slog.Float64("eecuSeconds", u.EECUSeconds))
	}
}
