package message_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
	"example.com/eeexport/handler/message"
)

// newPublisher returns a publisher that reaches Pub/Sub at addr.
func newPublisher(t *testing.T, addr string) *message.Publisher {
	t.Helper()
	t.Setenv("PUBSUB_EMULATOR_HOST", addr)
	p, err := message.NewPublisher(t.Context(), handlertest.Project)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func hello() *pubsubpb.PubsubMessage { return &pubsubpb.PubsubMessage{Data: []byte("hello")} }

func TestPublish(t *testing.T) {
	ps := handlertest.NewPubSub(t, "operations")
	p := newPublisher(t, ps.Addr())
	for _, topic := range []string{"operations", "projects/my-project/topics/operations"} {
		if id, err := p.Publish(t.Context(), topic, hello()); err != nil || id == "" {
			t.Errorf("%s: %q %v", topic, id, err)
		}
	}
	ps.Inject(handlertest.Fault{Status: status.New(codes.Unavailable, "")})
	if _, err := p.Publish(t.Context(), "operations", hello()); err != nil {
		t.Errorf("a fault that passes: %v", err)
	}
	ps.Inject(handlertest.Fault{Status: status.New(codes.PermissionDenied, "")})
	if _, err := p.Publish(t.Context(), "operations", hello()); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a refusal: %v", err)
	}
	if _, err := p.Publish(t.Context(), "missing", hello()); status.Code(err) != codes.NotFound {
		t.Errorf("a topic that does not exist: %v", err)
	}
	ps.Inject(handlertest.Fault{Delay: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Publish(ctx, "operations", hello()); err == nil || ctx.Err() == nil {
		t.Errorf("a publish that outlasts its caller: %v", err)
	}
}

// TestASilentConnectionIsReplaced publishes over a network that silently drops
// every packet of a connection.
func TestASilentConnectionIsReplaced(t *testing.T) {
	ps := handlertest.NewPubSub(t, "operations")
	proxy, err := local.NewProxy(ps.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	p := newPublisher(t, proxy.Addr())
	if _, err := p.Publish(t.Context(), "operations", hello()); err != nil {
		t.Fatal(err)
	}
	proxy.Silence()
	if _, err := p.Publish(t.Context(), "operations", hello()); err != nil {
		t.Errorf("the connection was not replaced within one publish: %v", err)
	}
}
