package handler

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
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
	clients lazy[watchClients]
}

// watchClients are what a Watcher has besides Earth Engine's.
type watchClients struct {
	publisher    *publisher
	subscriber   *pubsub.SubscriptionAdminClient
	subscription string // its full name
}

// NewWatcher makes a Watcher from what [ConfigFromEnv] returned, as [New] makes
// an Exporter.
func NewWatcher(cfg Config, cfgErr error, log *slog.Logger) *Watcher {
	if cfgErr == nil && (cfg.CompletionsTopic == "" || cfg.PendingSubscription == "") {
		// Where one process serves all functions, nobody has asked for these.
		cfgErr = errors.New("COMPLETIONS_TOPIC and PENDING_SUBSCRIPTION: required by WatchOperations")
	}
	w := new(Watcher)
	w.init(cfg, cfgErr, log)
	w.clients.make = w.newClients
	return w
}

func (w *Watcher) newClients(ctx context.Context) (*watchClients, error) {
	b, err := w.backend.get(ctx)
	if err != nil {
		return nil, err
	}
	publisher, err := newPublisher(ctx, b.project)
	if err != nil {
		return nil, err
	}
	subscriber, err := pubsub.NewSubscriptionAdminClient(ctx)
	if err != nil {
		return nil, err
	}
	return &watchClients{publisher, subscriber, resourceName(b.project, "subscriptions", w.cfg.PendingSubscription)}, nil
}

// tickSummary is the answer to a tick.
type tickSummary struct {
	// Pending is how many Operations are still running, as far as the tick saw.
	Pending int `json:"pending"`
	// Ended is how many ends were published, by state.
	Ended struct {
		Succeeded int `json:"succeeded"`
		Failed    int `json:"failed"`
		Cancelled int `json:"cancelled"`
	} `json:"ended"`
	// Errors is how many Operations nothing could be learned of, or whose end
	// could not be published. They stay pending.
	Errors int `json:"errors"`
	// Foreign is how many messages are no started Operation.
	Foreign int `json:"foreign"`
	// OldestPendingAge is how long ago the oldest Operation that is still
	// running was started, as a google.protobuf.Duration: "90s".
	OldestPendingAge string `json:"oldestPendingAge"`
}

// ServeHTTP serves a tick: a POST, with any body. The answer is a JSON summary,
// also where single Operations could not be asked for; it is an error where
// there is no getting at the subscription.
func (w *Watcher) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rec := newRecord("watch", w.tracing)
	out := w.guard(r.Context(), rec, func(ctx context.Context) *Outcome {
		if r.Method != http.MethodPost {
			return wrongMethod()
		}
		d := &delivery{trace: newTraceContext(r.Header.Get("Traceparent"), r.Header.Get("Tracestate"))}
		return w.tick(rec.begin(ctx, d), rec)
	})
	out.writeTo(rw)
}

// tick takes what is pending, checks it, publishes the ends, acknowledges them,
// and gives the others back.
func (w *Watcher) tick(ctx context.Context, rec *record) *Outcome {
	backend, out := w.connect(ctx, rec)
	if out != nil {
		return out
	}
	clients, err := w.clients.get(ctx)
	if err != nil {
		return notConnected(err)
	}
	pullCtx, step := rec.step(ctx, "pull")
	batch, err := clients.pull(pullCtx, w.cfg.time())
	step.end(err)
	if err != nil {
		return &Outcome{Kind: Unavailable, Reason: "SUBSCRIPTION_UNAVAILABLE", cause: err, pc: callerPC(),
			Message: "the subscription of pending Operations could not be pulled from"}
	}

	// Whatever Earth Engine does, time is kept back to publish what is known.
	checkCtx, cancel := w.cfg.keepBack(ctx)
	checkCtx, step = rec.step(checkCtx, "check")
	batch.check(rec.countAttempts(checkCtx), backend.client)
	step.end(nil)
	cancel()

	publishCtx, step := rec.step(ctx, "publish")
	err = clients.publishEnds(publishCtx, w.cfg.CompletionsTopic, batch)
	step.end(err)

	clients.giveBack(ctx, batch)
	summary := batch.summary(time.Now())
	rec.tick(summary, err)
	body, err := json.Marshal(summary)
	if err != nil {
		return internal(err)
	}
	return &Outcome{Kind: Watched, body: body}
}
