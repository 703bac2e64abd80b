package handler

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
)

// publishTimeout is how long the client library tries to publish one message.
const publishTimeout = 10 * time.Second

// publisher publishes to the deployment's topics.
type publisher struct {
	client *pubsub.Client
	topics map[string]*pubsub.Publisher // by the topic's name in the configuration
}

// newPublisher makes the Pub/Sub client and begins to connect. It publishes
// only to the topics that are named here.
func newPublisher(ctx context.Context, project string, topics ...string) (*publisher, error) {
	// One connection carries as many publishes at once as an instance has
	// requests; more of them would each cost a handshake at the cold start.
	client, err := pubsub.NewClient(ctx, project, option.WithGRPCConnectionPool(1))
	if err != nil {
		return nil, err
	}
	// gRPC dials on the first call, which comes only when Earth Engine has
	// answered; the time until then is free.
	client.TopicAdminClient.Connection().Connect() //lint:ignore SA1019 the pool has one connection, so this is the one

	p := &publisher{client: client, topics: make(map[string]*pubsub.Publisher)}
	for _, topic := range topics {
		if topic == "" {
			continue
		}
		t := client.Publisher(topic)
		// By default a message waits 10 ms for others to share its call. The
		// sender of this one is waiting for it.
		t.PublishSettings.CountThreshold = 1
		t.PublishSettings.Timeout = publishTimeout
		p.topics[topic] = t
	}
	return p, nil
}

// publish returns the message's ID once Pub/Sub has acknowledged it: a function
// has no CPU after it answers, so nothing may be left to do then.
func (p *publisher) publish(ctx context.Context, topic string, msg *pubsub.Message) (string, error) {
	return p.topics[topic].Publish(ctx, msg).Get(ctx)
}

// topicName gives a topic's full name.
func topicName(project, topic string) string {
	if strings.Contains(topic, "/") {
		return topic
	}
	return "projects/" + project + "/topics/" + topic
}
