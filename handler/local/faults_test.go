package local_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/handler/local"
)

var unavailable = status.New(codes.Unavailable, "injected")

func TestPublishFaults(t *testing.T) {
	for _, tc := range []struct {
		name      string
		fault     local.Fault
		codes     []codes.Code // of publishes one after the other
		published int
	}{
		{"one publish is refused", local.Fault{Status: unavailable}, []codes.Code{codes.Unavailable, codes.OK}, 1},
		{"so many publishes are refused", local.Fault{Status: unavailable, Times: 2}, []codes.Code{codes.Unavailable, codes.Unavailable, codes.OK}, 1},
		{"all publishes are refused", local.Fault{Status: unavailable, Times: -1}, []codes.Code{codes.Unavailable, codes.Unavailable}, 0},
		{"the topic is hit", local.Fault{On: "operations", Status: unavailable}, []codes.Code{codes.Unavailable}, 0},
		{"another topic is not", local.Fault{On: "failures", Status: unavailable}, []codes.Code{codes.OK}, 1},
		{"a publish is stored and its answer lost", local.Fault{Applied: true, Status: unavailable}, []codes.Code{codes.Unavailable}, 1},
		{"a publish is late", local.Fault{Delay: time.Millisecond}, []codes.Code{codes.OK}, 1},
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
		ctx, hangUp := context.WithCancel(t.Context())
		ps.InjectFunc(func(any) *local.Fault {
			hangUp()
			return &local.Fault{Delay: time.Hour}
		})
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
		fault local.Fault
		code  codes.Code
		first int // what the pull that is hit returns
		left  int // what another pull returns then
	}{
		{"no fault", local.Fault{On: "another", Limit: -1}, codes.OK, 3, 0},
		{"a part of what is there", local.Fault{On: "pending", Limit: 1}, codes.OK, 1, 2},
		{"nothing of what is there", local.Fault{Limit: -1}, codes.OK, 0, 3},
		{"a pull is refused", local.Fault{Status: unavailable}, codes.Unavailable, 0, 3},
		{"what is pulled is leased and its answer lost", local.Fault{Status: unavailable, Applied: true}, codes.Unavailable, 0, 0},
		{"what is pulled is pulled by another too", local.Fault{Redelivered: true}, codes.OK, 3, 3},
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
			if second, err := c.pull(); err != nil || len(second) != tc.left {
				t.Errorf("then %d pulled, %v", len(second), err)
			}
			if tc.fault.Redelivered {
				if err := c.acknowledge(first); err != nil {
					t.Fatal(err)
				}
				ps.Advance(time.Minute)
				expectLeft(t, ps, 3) // the acknowledgement was too late
			}
		})
	}
}

func TestAckFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault local.Fault
		code  codes.Code
		left  int // on the subscription
	}{
		{"no fault", local.Fault{On: "another", Status: unavailable}, codes.OK, 0},
		{"an acknowledgement is refused", local.Fault{On: "pending", Status: unavailable}, codes.Unavailable, 1},
		{"an acknowledgement takes effect and its answer is lost", local.Fault{Status: unavailable, Applied: true}, codes.Unavailable, 0},
		{"an acknowledgement comes too late, and its caller does not learn it", local.Fault{Late: true}, codes.OK, 1},
		{"an acknowledgement waits", local.Fault{Delay: time.Millisecond}, codes.OK, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps, c, ids := pulled(t)
			ps.InjectAck(tc.fault)
			if err := c.acknowledge(ids); status.Code(err) != tc.code {
				t.Error(err)
			}
			ps.Advance(time.Minute)
			expectLeft(t, ps, tc.left)
		})
	}
	t.Run("a message that cannot be given back stays leased", func(t *testing.T) {
		ps, c, ids := pulled(t)
		ps.InjectModify(local.Fault{Status: unavailable})
		if err := c.giveBack(ids); status.Code(err) != codes.Unavailable {
			t.Error(err)
		}
		expectLeft(t, ps, 0)
		if err := c.giveBack(ids); err != nil {
			t.Error(err)
		}
		expectLeft(t, ps, 1)
	})
}

// pulled returns a Pub/Sub with one message, which has been pulled.
func pulled(t *testing.T) (*local.PubSub, *rpc, []string) {
	t.Helper()
	ps := newPubSub(t)
	c := dial(t, ps.Addr())
	ps.Publish("operations", []byte("x"), nil)
	ids, err := c.pull()
	if err != nil {
		t.Fatal(err)
	}
	return ps, c, ids
}

// expectLeft checks how many messages can be pulled.
func expectLeft(t *testing.T, ps *local.PubSub, want int) {
	t.Helper()
	if left, err := ps.Unacknowledged("pending"); left != want || err != nil {
		t.Errorf("%d messages are left, want %d; %v", left, want, err)
	}
}
