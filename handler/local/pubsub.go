package local

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
)

// maxPublishBytes is the largest publish request that Pub/Sub takes, with some
// room for base64 and the envelope
// (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxPublishBytes = 16 << 20

// PubSub is the in-memory Pub/Sub of the client library on a socket of its own,
// with three things that the library's own socket lacks: faults, messages of
// more than gRPC's default of 4 MB, and publishing by REST, which is what curl
// and gcloud speak. It answers programs of this machine, and no web page.
//
// It differs from the real service: a pull that finds nothing waits for half a
// second, messages are dropped when they are ten minutes old, and an
// acknowledgement that comes after the message was leased again is ignored.
type PubSub struct {
	server  *pstest.Server
	project string
	addr    string
	rpc     *grpc.Server
	http    *http.Server      // nil if it is in memory
	memory  *bufconn.Listener // nil if it is on a socket

	faults faults

	mu    sync.Mutex
	ahead time.Duration // of the real time
}

// NewPubSub starts a Pub/Sub on a port of the loopback interface; 0 is any free
// one. The topics and subscriptions of its methods are IDs in the project.
func NewPubSub(port int, project string) (*PubSub, error) {
	listener, err := listen(port)
	if err != nil {
		return nil, err
	}
	p := newPubSub(project)
	p.addr = listener.Addr().String()
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	rest := p.rest()
	p.http = &http.Server{
		Protocols: &both,
		Handler: Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
				p.rpc.ServeHTTP(w, r)
				return
			}
			rest.ServeHTTP(w, r)
		})),
	}
	go p.http.Serve(listener)
	return p, nil
}

// newPubSub makes what a PubSub is on a socket and in memory.
func newPubSub(project string, opts ...pstest.ServerReactorOption) *PubSub {
	p := &PubSub{
		// The library's own socket is not used.
		server:  pstest.NewServerWithAddress("127.0.0.1:0", opts...),
		project: project,
	}
	p.rpc = grpc.NewServer(grpc.MaxRecvMsgSize(maxPublishBytes), grpc.MaxSendMsgSize(maxPublishBytes), grpc.UnaryInterceptor(p.intercept))
	pubsubpb.RegisterPublisherServer(p.rpc, &p.server.GServer)
	pubsubpb.RegisterSubscriberServer(p.rpc, &p.server.GServer)
	return p
}

// Close cuts every connection, streams that pull among them.
func (p *PubSub) Close() {
	p.rpc.Stop()
	if p.http != nil {
		p.http.Close()
		p.server.Close()
	}
}

// Addr returns the host:port for PUBSUB_EMULATOR_HOST.
func (p *PubSub) Addr() string { return p.addr }

// Server returns the library's server. Calls to it are not hit by faults.
func (p *PubSub) Server() *pstest.Server { return p.server }

// CreateTopic makes a topic.
func (p *PubSub) CreateTopic(topic string) error {
	_, err := p.server.GServer.CreateTopic(context.Background(), &pubsubpb.Topic{Name: p.topicName(topic)})
	return err
}

// CreateSubscription makes a pull subscription on a topic, with an
// acknowledgement deadline of ten seconds.
func (p *PubSub) CreateSubscription(subscription, topic string) error {
	return p.createSubscription(subscription, topic, 10*time.Second)
}

func (p *PubSub) createSubscription(subscription, topic string, ackDeadline time.Duration) error {
	_, err := p.server.GServer.CreateSubscription(context.Background(), &pubsubpb.Subscription{
		Name: p.subscriptionName(subscription), Topic: p.topicName(topic), AckDeadlineSeconds: int32(ackDeadline / time.Second)})
	return err
}

// Publish publishes a message to a topic, past all faults, and returns its ID.
func (p *PubSub) Publish(topic string, data []byte, attributes map[string]string) string {
	return p.server.Publish(p.topicName(topic), data, attributes)
}

// Messages returns what has been published to a topic, in order.
func (p *PubSub) Messages(topic string) (messages []*pstest.Message) {
	for _, m := range p.server.Messages() {
		if m.Topic == p.topicName(topic) {
			messages = append(messages, m)
		}
	}
	return messages
}

// Unacknowledged returns how many messages are left on a subscription. It takes
// them and gives them back.
func (p *PubSub) Unacknowledged(subscription string) (int, error) {
	_, left, err := p.pullAll(subscription, "")
	return left, err
}

// Acknowledge acknowledges a message on a subscription, and reports whether it
// was there. It takes all and gives the others back.
func (p *PubSub) Acknowledge(subscription, messageID string) (bool, error) {
	done, _, err := p.pullAll(subscription, messageID)
	return done > 0, err
}

// pullAll takes all messages of a subscription, acknowledges the one with the
// ID, and gives the others back.
func (p *PubSub) pullAll(subscription, messageID string) (done, left int, err error) {
	name := p.subscriptionName(subscription)
	var doneIDs, leftIDs []string
	for {
		//lint:ignore SA1019 an empty subscription must not hold the call
		answer, err := p.server.GServer.Pull(context.Background(), &pubsubpb.PullRequest{Subscription: name, MaxMessages: 1000, ReturnImmediately: true})
		if err != nil {
			return 0, 0, err
		}
		if len(answer.ReceivedMessages) == 0 {
			break
		}
		for _, m := range answer.ReceivedMessages {
			if m.Message.MessageId == messageID {
				doneIDs = append(doneIDs, m.AckId)
			} else {
				leftIDs = append(leftIDs, m.AckId)
			}
		}
	}
	_, ackErr := p.server.GServer.Acknowledge(context.Background(), &pubsubpb.AcknowledgeRequest{Subscription: name, AckIds: doneIDs})
	_, err = p.server.GServer.ModifyAckDeadline(context.Background(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: name, AckIds: leftIDs})
	return len(doneIDs), len(leftIDs), errors.Join(ackErr, err)
}

// Advance lets time pass for Pub/Sub alone, so that acknowledgement deadlines
// expire.
func (p *PubSub) Advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead += d
	ahead := p.ahead
	p.server.SetTimeNowFunc(func() time.Time { return time.Now().Add(ahead) })
}

func (p *PubSub) topicName(id string) string { return "projects/" + p.project + "/topics/" + id }

func (p *PubSub) subscriptionName(id string) string {
	return "projects/" + p.project + "/subscriptions/" + id
}
