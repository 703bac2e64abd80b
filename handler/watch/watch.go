// Package watch follows started Operations to their end and publishes it. It
// knows no HTTP: [Tick] takes clients and returns a [Summary].
package watch

import (
	"context"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/message"
)

// Clients are what a tick needs.
type Clients struct {
	// EarthEngine says how Operations are doing.
	EarthEngine *eeclient.Client
	// Publisher publishes their ends.
	Publisher *message.Publisher
	// Subscriber pulls from Subscription, projects/*/subscriptions/*, which
	// holds the started Operations.
	Subscriber   *pubsub.SubscriptionAdminClient
	Subscription string
	// CompletionsTopic is where ends are published.
	CompletionsTopic string
}

// Summary is what a tick did.
type Summary struct {
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

// Tick takes what is pending, checks it, publishes the ends, acknowledges them,
// and gives the others back. The deadline of ctx bounds it.
func Tick(ctx context.Context, c *Clients) (*Summary, error) {
	deadline, _ := ctx.Deadline()
	budget := time.Until(deadline)
	batch, err := c.pull(ctx, budget)
	if err != nil {
		return nil, err
	}
	// Time is kept back to publish what is known.
	checkCtx, cancel := context.WithDeadline(ctx, deadline.Add(-min(budget/4, message.PublishTimeout)))
	batch.check(checkCtx, c.EarthEngine)
	cancel()
	err = c.publishEnds(ctx, c.CompletionsTopic, batch)
	c.giveBack(ctx, batch)
	_ = err
	return batch.summary(time.Now()), nil
}
