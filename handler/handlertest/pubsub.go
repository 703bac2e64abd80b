package handlertest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// PubSub is the in-memory Pub/Sub of the client library, with faults. They
// stand before it and behind it, on a socket of their own: a publish that waits
// holds up no other, and one can take effect and be answered with an error.
type PubSub struct {
	server *pstest.Server
	addr   string

	mu     sync.Mutex
	faults []PublishFault
	ahead  time.Duration // of the real time
	inject func(*pubsubpb.PublishRequest) *PublishFault
}

// PublishFault is something that goes wrong with a publish.
type PublishFault struct {
	// Topic is the ID of the topic that it hits; "" for any.
	Topic string
	// Status is what the publish is refused with; nil lets it succeed.
	Status *status.Status
	// Published lets the publish have its effect before Status is answered: an
	// acknowledgement that is lost.
	Published bool
	// Delay passes first, or, of a publish that has its effect before Status is
	// answered, between the two. It ends when the caller hangs up.
	Delay time.Duration
	// Times is how many publishes it hits: 0 is one, and a negative number all
	// of them until ClearFaults.
	Times int
}

// NewPubSub starts a Pub/Sub with the given topics, by their IDs, in [Project].
// It ends with the test.
func NewPubSub(t testing.TB, topics ...string) *PubSub {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &PubSub{server: pstest.NewServer(), addr: listener.Addr().String()}
	front := grpc.NewServer()
	pubsubpb.RegisterPublisherServer(front, &faultyPublisher{&p.server.GServer, p})
	pubsubpb.RegisterSubscriberServer(front, &p.server.GServer)
	go func() { _ = front.Serve(listener) }() // until Stop
	t.Cleanup(func() {
		front.Stop()
		p.server.Close()
	})
	for _, topic := range topics {
		p.CreateTopic(t, topic)
	}
	return p
}

// CreateTopic makes a topic.
func (p *PubSub) CreateTopic(t testing.TB, topic string) {
	t.Helper()
	if _, err := p.server.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName(topic)}); err != nil {
		t.Fatal(err)
	}
}

// Addr returns the host:port for PUBSUB_EMULATOR_HOST.
func (p *PubSub) Addr() string { return p.addr }

// Server returns the stand-in itself, for subscriptions and the like. What is
// called there meets no faults.
func (p *PubSub) Server() *pstest.Server { return p.server }

// Inject adds faults. Each publish is hit by at most one of them.
func (p *PubSub) Inject(faults ...PublishFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		p.faults = append(p.faults, f)
	}
}

// InjectFunc asks f for the fault that hits a publish, where none added by
// Inject does; nil is none. f is called by many goroutines at once. A nil f ends
// it.
func (p *PubSub) InjectFunc(f func(*pubsubpb.PublishRequest) *PublishFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inject = f
}

// ClearFaults removes all faults, the function given to InjectFunc as well.
func (p *PubSub) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.inject = nil, nil
}

// Messages returns what has been published to a topic, in order.
func (p *PubSub) Messages(topic string) (messages []*pstest.Message) {
	for _, m := range p.server.Messages() {
		if m.Topic == topicName(topic) {
			messages = append(messages, m)
		}
	}
	return messages
}

// faultyPublisher is the service with the faults.
type faultyPublisher struct {
	pubsubpb.PublisherServer
	faults *PubSub
}

// Publish implements [pubsubpb.PublisherServer].
func (p *faultyPublisher) Publish(ctx context.Context, req *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	fault := p.faults.next(req)
	if fault == nil {
		return p.PublisherServer.Publish(ctx, req)
	}
	if fault.Published && fault.Status != nil {
		if answer, err := p.PublisherServer.Publish(ctx, req); err != nil {
			return answer, err
		}
	}
	select {
	case <-time.After(fault.Delay):
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	if fault.Status != nil {
		return nil, fault.Status.Err()
	}
	return p.PublisherServer.Publish(ctx, req)
}

func (p *PubSub) next(req *pubsubpb.PublishRequest) *PublishFault {
	p.mu.Lock()
	inject := p.inject
	for i := range p.faults {
		f := &p.faults[i]
		if f.Times != 0 && (f.Topic == "" || topicName(f.Topic) == req.Topic) {
			f.Times--
			hit := *f
			p.mu.Unlock()
			return &hit
		}
	}
	p.mu.Unlock()
	if inject == nil {
		return nil
	}
	return inject(req)
}

func topicName(id string) string { return "projects/" + Project + "/topics/" + id }
