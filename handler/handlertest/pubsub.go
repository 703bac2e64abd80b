package handlertest

import (
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/status"
)

// PubSub is the in-memory Pub/Sub of the client library, with faults.
type PubSub struct {
	server *pstest.Server

	mu     sync.Mutex
	faults []PublishFault
	ahead  time.Duration // of the real time
}

// PublishFault is something that goes wrong with a publish.
type PublishFault struct {
	// Topic is the ID of the topic that it hits; "" for any.
	Topic string
	// Status is what the publish is refused with; nil lets it succeed.
	Status *status.Status
	// Delay passes first. All of the stand-in's Pub/Sub waits with it.
	Delay time.Duration
	// Times is how many publishes it hits: 0 is one, and a negative number all
	// of them until ClearFaults.
	Times int
}

// NewPubSub starts a Pub/Sub with the given topics, by their IDs, in [Project].
// It ends with the test.
func NewPubSub(t testing.TB, topics ...string) *PubSub {
	t.Helper()
	p := &PubSub{}
	p.server = pstest.NewServer(pstest.ServerReactorOption{FuncName: "Publish", Reactor: p})
	t.Cleanup(func() { p.server.Close() })
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
func (p *PubSub) Addr() string { return p.server.Addr }

// Server returns the stand-in itself, for subscriptions and the like.
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

// ClearFaults removes all faults.
func (p *PubSub) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
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

// React implements [pstest.Reactor] for the faults.
func (p *PubSub) React(req any) (handled bool, answer any, err error) {
	publish := req.(*pubsubpb.PublishRequest)
	fault := p.next(publish.Topic)
	if fault == nil {
		return false, nil, nil
	}
	time.Sleep(fault.Delay)
	if fault.Status == nil {
		return false, nil, nil
	}
	return true, &pubsubpb.PublishResponse{}, fault.Status.Err()
}

func (p *PubSub) next(topic string) *PublishFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.faults {
		f := &p.faults[i]
		if f.Times != 0 && (f.Topic == "" || topicName(f.Topic) == topic) {
			f.Times--
			hit := *f
			return &hit
		}
	}
	return nil
}

func topicName(id string) string { return "projects/" + Project + "/topics/" + id }
