package local_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/handler/local"
)

func TestProxy(t *testing.T) {
	ps := newPubSub(t)
	proxy, err := local.NewProxy(ps.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	c := dial(t, proxy.Addr())
	if err := c.publish(t.Context(), "forwarded"); err != nil {
		t.Fatal(err)
	}
	proxy.Silence()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.publish(ctx, "swallowed"); status.Code(err) != codes.DeadlineExceeded || len(ps.Messages("operations")) != 1 {
		t.Errorf("a connection from before the silence: %v, %d messages", err, len(ps.Messages("operations")))
	}
	again := dial(t, proxy.Addr())
	if err := again.publish(t.Context(), "forwarded again"); err != nil {
		t.Errorf("a new connection: %v", err)
	}
	proxy.Close()
	if err := again.publish(t.Context(), "x"); status.Code(err) != codes.Unavailable {
		t.Errorf("closed: %v", err)
	}
}
