package local_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/handler/local"
)

var unavailable = status.New(codes.Unavailable, "injected")

func TestPublishFaults(t *testing.T) {
	for _, tc := range []struct {
		name      string
		fault     local.PublishFault
		codes     []codes.Code // of publishes one after the other
		published int
	}{
		{"one publish is refused", local.PublishFault{Status: unavailable}, []codes.Code{codes.Unavailable, codes.OK}, 1},
		{"so many publishes are refused", local.PublishFault{Status: unavailable, Times: 2}, []codes.Code{codes.Unavailable, codes.Unavailable, codes.OK}, 1},
		{"all publishes are refused", local.PublishFault{Status: unavailable, Times: -1}, []codes.Code{codes.Unavailable, codes.Unavailable}, 0},
		{"the topic is hit", local.PublishFault{Topic: "operations", Status: unavailable}, []codes.Code{codes.Unavailable}, 0},
		{"another topic is not", local.PublishFault{Topic: "failures", Status: unavailable}, []codes.Code{codes.OK}, 1},
		{"a publish is stored and its answer lost", local.PublishFault{Published: true, Status: unavailable}, []codes.Code{codes.Unavailable}, 1},
		{"a publish is late", local.PublishFault{Delay: time.Millisecond}, []codes.Code{codes.OK}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps := newPubSub(t)
			c := dial(t, ps.Addr())
			ps.Inject(tc.fault)
			for i, want := range tc.codes {
				if err := c.publish(t.Context(), "x"); status.Code(err) != want {
					t.Errorf("publish %d: %v, want %v", i+1, err, want)
				}
			}
			if got := len(ps.Messages("operations")); got != tc.published {
				t.Errorf("%d messages, want %d", got, tc.published)
			}
		})
	}
	t.Run("a publish that waits ends when the caller hangs up", func(t *testing.T) {
		ps := newPubSub(t)
		c := dial(t, ps.Addr())
		reached := make(chan struct{})
		ps.InjectFunc(func(*pubsubpb.PublishRequest) *local.PublishFault {
			close(reached)
			return &local.PublishFault{Delay: time.Hour}
		})
		ctx, hangUp := context.WithCancel(t.Context())
		go func() { <-reached; hangUp() }()
		if err := c.publish(ctx, "x"); status.Code(err) != codes.Canceled {
			t.Error(err)
		}
		ps.ClearFaults()
		if err := c.publish(t.Context(), "x"); err != nil || len(ps.Messages("operations")) != 1 {
			t.Errorf("%v, %d messages", err, len(ps.Messages("operations")))
		}
	})
}

func TestPullFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault local.PullFault
		code  codes.Code
		first int // what the pull that is hit returns
		left  int // what another pull returns then
	}{
		{"no fault", local.PullFault{Subscription: "another", Limit: -1}, codes.OK, 3, 0},
		{"a part of what is there", local.PullFault{Subscription: "pending", Limit: 1}, codes.OK, 1, 2},
		{"nothing of what is there", local.PullFault{Limit: -1}, codes.OK, 0, 3},
		{"a pull is refused", local.PullFault{Status: unavailable}, codes.Unavailable, 0, 3},
		{"what is pulled is leased and its answer lost", local.PullFault{Status: unavailable, Leased: true}, codes.Unavailable, 0, 0},
		{"what is pulled is pulled by another too", local.PullFault{Redelivered: true}, codes.OK, 3, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps := newPubSub(t)
			c := dial(t, ps.Addr())
			for range 3 {
				ps.Publish("operations", []byte("x"), nil)
			}
			ps.InjectPull(tc.fault)
			first, err := c.pull()
			if status.Code(err) != tc.code || len(first) != tc.first {
				t.Errorf("%d pulled, %v", len(first), err)
			}
			second, err := c.pull()
			if err != nil || len(second) != tc.left {
				t.Errorf("then %d pulled, %v", len(second), err)
			}
			if tc.fault.Redelivered {
				if err := c.acknowledge(first); err != nil {
					t.Fatal(err)
				}
				ps.Advance(time.Minute)
				if left, err := ps.Unacknowledged("pending"); left != 3 || err != nil {
					t.Errorf("after an acknowledgement that is too late %d are left, %v", left, err)
				}
			}
		})
	}
}

func TestAckFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault local.AckFault
		code  codes.Code
		left  int // on the subscription
	}{
		{"no fault", local.AckFault{Subscription: "another", Status: unavailable}, codes.OK, 0},
		{"an acknowledgement is refused", local.AckFault{Subscription: "pending", Status: unavailable}, codes.Unavailable, 1},
		{"an acknowledgement takes effect and its answer is lost", local.AckFault{Status: unavailable, Applied: true}, codes.Unavailable, 0},
		{"an acknowledgement comes too late, and its caller does not learn it", local.AckFault{Late: true}, codes.OK, 1},
		{"an acknowledgement waits", local.AckFault{Delay: time.Millisecond}, codes.OK, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps := newPubSub(t)
			c := dial(t, ps.Addr())
			ps.Publish("operations", []byte("x"), nil)
			ids, err := c.pull()
			if err != nil {
				t.Fatal(err)
			}
			ps.InjectAck(tc.fault)
			if err := c.acknowledge(ids); status.Code(err) != tc.code {
				t.Error(err)
			}
			ps.Advance(time.Minute)
			if left, err := ps.Unacknowledged("pending"); left != tc.left || err != nil {
				t.Errorf("%d are left, %v", left, err)
			}
		})
	}
	t.Run("a message that cannot be given back stays leased", func(t *testing.T) {
		ps := newPubSub(t)
		c := dial(t, ps.Addr())
		ps.Publish("operations", []byte("x"), nil)
		ids, err := c.pull()
		if err != nil {
			t.Fatal(err)
		}
		ps.InjectModify(local.AckFault{Status: unavailable})
		if err := c.giveBack(ids); status.Code(err) != codes.Unavailable {
			t.Error(err)
		}
		if left, err := ps.Unacknowledged("pending"); left != 0 || err != nil {
			t.Errorf("%d are available, %v", left, err)
		}
		if err := c.giveBack(ids); err != nil {
			t.Error(err)
		}
		if left, err := ps.Unacknowledged("pending"); left != 1 || err != nil {
			t.Errorf("given back, %d are available, %v", left, err)
		}
	})
}
