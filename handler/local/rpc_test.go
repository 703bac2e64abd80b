package local_test

import (
	"context"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"example.com/eeexport/handler/local"
)

const project = "my-project"

// newPubSub starts a Pub/Sub with a topic and a subscription of it, for as long
// as the test runs.
func newPubSub(t *testing.T) *local.PubSub {
	t.Helper()
	ps, err := local.NewPubSub(0, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ps.Close)
	if err := ps.CreateTopic("operations"); err != nil {
		t.Fatal(err)
	}
	if err := ps.CreateSubscription("pending", "operations"); err != nil {
		t.Fatal(err)
	}
	return ps
}

// rpc is a client of a Pub/Sub, without the retries of the client library.
type rpc struct {
	t *testing.T
	pubsubpb.PublisherClient
	pubsubpb.SubscriberClient
}

func dial(t *testing.T, addr string) *rpc {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &rpc{t, pubsubpb.NewPublisherClient(conn), pubsubpb.NewSubscriberClient(conn)}
}

func (c *rpc) publish(ctx context.Context, data string) error {
	_, err := c.Publish(ctx, &pubsubpb.PublishRequest{Topic: "projects/my-project/topics/operations",
		Messages: []*pubsubpb.PubsubMessage{{Data: []byte(data)}}})
	return err
}

const pending = "projects/my-project/subscriptions/pending"

// pull returns the IDs by which what it pulls can be acknowledged.
func (c *rpc) pull() (ids []string, err error) {
	//lint:ignore SA1019 as the watcher asks
	answer, err := c.Pull(c.t.Context(), &pubsubpb.PullRequest{Subscription: pending, MaxMessages: 100, ReturnImmediately: true})
	for _, m := range answer.GetReceivedMessages() {
		ids = append(ids, m.AckId)
	}
	return ids, err
}

func (c *rpc) acknowledge(ids []string) error {
	_, err := c.Acknowledge(c.t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: pending, AckIds: ids})
	return err
}

func (c *rpc) giveBack(ids []string) error {
	_, err := c.ModifyAckDeadline(c.t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: pending, AckIds: ids})
	return err
}
