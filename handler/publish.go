package handler

import (
	"context"
	"strings"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
)

// publishTimeout is how long one message is tried to be published.
const publishTimeout = 10 * time.Second

// publisher publishes to the deployment's topics. It makes one call a message:
// the client library's batching publisher would let a lone message wait 10 ms
// for company, and go on with it in the background under a deadline of its own,
// when the function has answered and has no CPU any more.
type publisher struct {
	client  *pubsub.TopicAdminClient
	project string
}

// newPublisher makes the Pub/Sub client and begins to connect.
func newPublisher(ctx context.Context, project string) (*publisher, error) {
	// One connection carries as many publishes at once as an instance has
	// requests; more of them would each cost a handshake at the cold start.
	client, err := pubsub.NewTopicAdminClient(ctx, option.WithGRPCConnectionPool(1))
	if err != nil {
		return nil, err
	}
	// gRPC dials on the first call, which comes only when Earth Engine has
	// answered; the time until then is free.
	client.Connection().Connect() //lint:ignore SA1019 the pool has one connection, so this is the one
	return &publisher{client, project}, nil
}

// publish returns the message's ID once Pub/Sub has acknowledged it. Until ctx
// ends it tries again whatever may pass.
func (p *publisher) publish(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	answer, err := p.client.Publish(ctx, &pubsubpb.PublishRequest{
		Topic:    resourceName(p.project, "topics", topic),
		Messages: []*pubsubpb.PubsubMessage{msg},
	})
	if err != nil {
		return "", err
	}
	return answer.GetMessageIds()[0], nil
}

// resourceName gives the full name of a topic or subscription that is named by
// its ID or already in full.
func resourceName(project, collection, name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return projectName(project) + "/" + collection + "/" + name
}
