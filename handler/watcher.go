package handler

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"google.golang.org/api/option"

	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/telemetry"
	"example.com/eeexport/handler/watch"
)

// Watcher follows started Operations to their end and publishes it: the
// function WatchOperations, for a Cloud Scheduler job that ticks once a minute.
//
// Its state is a pull subscription on the operations topic, and nothing else: an
// Operation stays on it until its end has been published. A tick takes what is
// pending, asks Earth Engine, publishes the ends, acknowledges them, and gives
// the others back for a later tick. It may overlap with others, and be killed
// at any point: what it had not acknowledged comes again, and an end that is
// published twice has the same ce-id.
//
// What the subscription is set to bounds it:
//   - Message retention bounds how long an Operation is followed. Take the
//     longest there is, 31 days; Earth Engine's tasks live for 10 at most.
//   - The acknowledgement deadline is how long the Operations of a tick that was
//     killed stay hidden from the next. A tick extends it for itself: 60 s do.
//   - The retry policy's minimum is how soon an Operation that is still running
//     is looked at again, and its maximum, which Pub/Sub works up to, how late
//     its end may be noticed. Take 10 s and 60 s.
//   - There must be no dead-letter policy: each look at a running Operation
//     counts as a delivery, and after at most 100 it would be given up.
//
// A message that is no started Operation is left on the subscription, looked at
// once in ten minutes, until its retention ends.
type Watcher struct {
	function
	cfg     WatcherConfig
	clients lazy[watch.Clients]
}

// NewWatcher makes a Watcher. What needs a network is made on first use.
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
		Subscriber:       subscriber,
		Subscription:     message.ResourceName(b.project, "subscriptions", w.cfg.PendingSubscription),
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
	if err != nil {
		return &outcome.Outcome{Kind: outcome.Unavailable, Reason: "SUBSCRIPTION_UNAVAILABLE", Cause: err,
			Message: "the subscription of pending Operations could not be pulled from"}
	}
	line.Set(slog.Int("pending", summary.Pending), slog.Int("errors", summary.Errors))
	body, err := json.Marshal(summary)
	if err != nil {
		return outcome.Failed(err)
	}
	return &outcome.Outcome{Kind: outcome.Watched, Body: body}
}
