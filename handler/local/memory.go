package local

import (
	"context"
	"errors"
	"net"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Retention is how long a [PubSub] in memory keeps a message that nobody
// acknowledges: the longest that Pub/Sub offers.
const Retention = 31 * 24 * time.Hour

// NewMemoryPubSub makes a PubSub that listens on no socket: it is reached with
// ClientOptions alone. It has the given topics, and subscriptions by their IDs
// on the topics that they name, with an acknowledgement deadline of a minute.
// Messages are kept for [Retention]. There is no streaming pull.
//
// Nothing in it waits for a network or runs in the background, so that in a
// bubble of testing/synctest a month passes in a moment.
func NewMemoryPubSub(project string, topics []string, subscriptions map[string]string) (*PubSub, error) {
	listener := bufconn.Listen(1 << 20)
	keeper := &keeper{topics: make(map[string]bool)}
	p := newPubSub(project,
		pstest.ServerReactorOption{FuncName: "CreateTopic", Reactor: keeper},
		pstest.ServerReactorOption{FuncName: "Publish", Reactor: keeper})
	p.server.SetTimeNowFunc(keeper.now)
	p.memory = listener
	for _, topic := range topics {
		if err := p.CreateTopic(topic); err != nil {
			return nil, err
		}
	}
	for id, topic := range subscriptions {
		if err := p.createSubscription(id, topic, time.Minute); err != nil {
			return nil, err
		}
	}
	// What the library does in the background is for its own socket and for
	// streams, and would wake up every ten milliseconds.
	if err := stop(p.server); err != nil {
		return nil, err
	}
	go p.rpc.Serve(listener)
	return p, nil
}

// stop ends everything that the library's server does in the background.
func stop(server *pstest.Server) error {
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		return err
	}
	// The server logs an error if it is closed before it serves. It serves once
	// it has sent a byte.
	_, err = conn.Read(make([]byte, 1))
	conn.Close()
	return errors.Join(err, server.Close())
}

// ClientOptions returns what a client of Pub/Sub's library connects with. If the
// PubSub is in memory it is the only way in.
func (p *PubSub) ClientOptions() []option.ClientOption {
	opts := []option.ClientOption{
		option.WithEndpoint("passthrough:///" + p.addr),
		option.WithoutAuthentication(),
		option.WithTelemetryDisabled(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxPublishBytes))),
	}
	if p.memory != nil {
		opts = append(opts, option.WithGRPCDialOption(grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return p.memory.DialContext(ctx)
		})))
	}
	return opts
}

// keeper makes the library's fake, which drops messages of more than ten minutes,
// keep them for [Retention]: it sees them published in the future. The fake calls
// it under its lock.
type keeper struct {
	topics     map[string]bool
	publishing int // messages that are about to get their publish time
}

// younger is how far in the future.
const younger = Retention - 10*time.Minute

// React implements [pstest.Reactor].
func (k *keeper) React(call any) (handled bool, answer any, err error) {
	switch call := call.(type) {
	case *pubsubpb.Topic:
		k.topics[call.Name] = true
	case *pubsubpb.PublishRequest:
		if k.topics[call.Topic] { // otherwise it is refused
			k.publishing = len(call.Messages)
		}
	}
	return false, nil, nil
}

func (k *keeper) now() time.Time {
	if k.publishing > 0 {
		k.publishing--
		return time.Now().Add(younger)
	}
	return time.Now()
}

// asPublished returns a message with its real publish time.
func (p *PubSub) asPublished(m *pubsubpb.PubsubMessage) *pubsubpb.PubsubMessage {
	if p.memory == nil {
		return m
	}
	m = proto.CloneOf(m)
	m.PublishTime = timestamppb.New(m.PublishTime.AsTime().Add(-younger))
	return m
}
