package message

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/resource"
)

const (
	// PublishTimeout bounds the publishing of one message.
	PublishTimeout = 10 * time.Second
	// attemptTimeout bounds one attempt. An attempt that outlasts it has most
	// likely used a dead connection, so the next one dials.
	attemptTimeout = 3 * time.Second
)

// KeepAlive makes gRPC notice a silent connection. Google's servers accept at
// most a ping every ten seconds
// (https://github.com/grpc/grpc/blob/master/doc/keepalive.md).
var KeepAlive = option.WithGRPCDialOption(grpc.WithKeepaliveParams(keepalive.ClientParameters{
	Time: 10 * time.Second, Timeout: attemptTimeout,
}))

// Publisher publishes each message in a call of its own. The client library's
// batching publisher would hold a lone message back for 10 ms, and continue in
// the background under its own deadline, when the function has answered and has
// no CPU. A Publisher is safe for concurrent use.
type Publisher struct {
	project string
	dial    func() (*pubsub.TopicAdminClient, error)

	mu     sync.Mutex
	client *pubsub.TopicAdminClient
}

// NewPublisher makes the Pub/Sub client and begins to connect. Topics that are
// named by their ID are in the project, an ID without "projects/".
func NewPublisher(ctx context.Context, project string, opts ...option.ClientOption) (*Publisher, error) {
	ctx = context.WithoutCancel(ctx)
	// One connection carries the publishes of all requests of an instance; each
	// further one would cost a handshake at the cold start.
	opts = append([]option.ClientOption{option.WithGRPCConnectionPool(1), KeepAlive}, opts...)
	p := &Publisher{project: project, dial: func() (*pubsub.TopicAdminClient, error) {
		return pubsub.NewTopicAdminClient(ctx, opts...)
	}}
	client, err := p.dial()
	if err != nil {
		return nil, err
	}
	// gRPC dials on the first call, which comes only after Earth Engine has
	// answered; the time until then is free.
	client.Connection().Connect() //lint:ignore SA1019 the pool has one connection, so this is the one
	p.client = client
	return p, nil
}

// Close closes the connection. No message may be in flight.
func (p *Publisher) Close() error { return p.current().Close() }

// Publish returns the message's ID once Pub/Sub has acknowledged it. It retries
// transient errors until ctx is done or [PublishTimeout] has passed. An attempt
// whose answer is lost may have published, so a message can arrive twice.
func (p *Publisher) Publish(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, PublishTimeout)
	defer cancel()
	request := &pubsubpb.PublishRequest{
		Topic:    ResourceName(p.project, "topics", topic),
		Messages: []*pubsubpb.PubsubMessage{msg},
	}
	for {
		client := p.current()
		answer, err := publishOnce(ctx, client, request)
		switch {
		case err == nil && len(answer.GetMessageIds()) == 1:
			return answer.GetMessageIds()[0], nil
		case err == nil:
			return "", errors.New("Pub/Sub acknowledged the message without an ID")
		case ctx.Err() != nil || !interrupted(err):
			return "", err
		}
		if err := p.replace(client); err != nil {
			return "", err
		}
	}
}

// publishOnce makes one attempt, within which the client library retries Pub/Sub's
// transient errors.
func publishOnce(ctx context.Context, client *pubsub.TopicAdminClient, request *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return client.Publish(ctx, request)
}

// interrupted reports whether an attempt ended because its time was up, or
// because another caller replaced the connection beneath it.
func interrupted(err error) bool {
	code := status.Code(err)
	return code == codes.DeadlineExceeded || code == codes.Canceled || errors.Is(err, context.DeadlineExceeded)
}

func (p *Publisher) current() *pubsub.TopicAdminClient {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client
}

// replace dials again, unless another caller has done so. Calls in flight on the
// old connection continue until their attempt ends.
func (p *Publisher) replace(old *pubsub.TopicAdminClient) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client != old {
		return nil
	}
	client, err := p.dial()
	if err != nil {
		return err
	}
	p.client = client
	time.AfterFunc(attemptTimeout, func() { _ = old.Close() }) // no caller waits for it
	return nil
}

// ResourceName returns the full name of a topic or subscription, given its ID in
// the project or its full name.
func ResourceName(project, collection, name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return resource.Project(project) + "/" + collection + "/" + name
}
