package message

import (
	"context"
	"errors"
	"slices"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
)

// maxAckIDs bounds the messages that one call names, so that it stays below
// Pub/Sub's 512 KB (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxAckIDs = 1000

// Subscription is a Pub/Sub subscription from which messages are pulled.
type Subscription struct {
	Client *pubsub.SubscriptionAdminClient
	// Name is projects/*/subscriptions/*.
	Name string
}

// Pull returns up to n messages, at most 1,000, without waiting for any. An empty
// answer does not mean that the subscription is empty
// (https://cloud.google.com/pubsub/docs/pull).
//
// It asks Pub/Sub to answer at once, because a call that waits looks like a
// Pub/Sub that hangs. This is deprecated because such a call may miss messages;
// callers make up for that by calling again. If Pub/Sub ever ignores the flag,
// pulling from an idle subscription times out.
func (s Subscription) Pull(ctx context.Context, n int) ([]*pubsubpb.ReceivedMessage, error) {
	answer, err := s.Client.Pull(ctx, &pubsubpb.PullRequest{
		Subscription:      s.Name,
		MaxMessages:       int32(n),
		ReturnImmediately: true, //lint:ignore SA1019 see above
	}, gax.WithRetry(nil)) // the library's own retries would hide their cause
	return answer.GetReceivedMessages(), err
}

// Lease hides messages from other subscribers for d, rounded up to seconds; 0
// gives them back.
func (s Subscription) Lease(ctx context.Context, ackIDs []string, d time.Duration) error {
	seconds := int32((d + time.Second - 1) / time.Second)
	return inParts(ackIDs, func(ids []string) error {
		return s.Client.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: s.Name, AckIds: ids, AckDeadlineSeconds: seconds})
	})
}

// Acknowledge removes messages from the subscription.
func (s Subscription) Acknowledge(ctx context.Context, ackIDs []string) error {
	return inParts(ackIDs, func(ids []string) error {
		return s.Client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: s.Name, AckIds: ids})
	})
}

// inParts calls f with all IDs, a part at a time, and continues after errors.
func inParts(ids []string, f func([]string) error) error {
	var errs []error
	for part := range slices.Chunk(ids, maxAckIDs) {
		errs = append(errs, f(part))
	}
	return errors.Join(errs...)
}
