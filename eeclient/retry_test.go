package eeclient_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

func TestHowOftenACallIsMade(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault eetest.Fault
		id    string
		calls int
	}{
		{"a refusal is not repeated", eetest.Fault{Status: 400}, "r", 1},
		{"a failure is, up to five times", eetest.Fault{Status: 503}, "r", 5},
		{"a rate limit is", eetest.Fault{Status: 429}, "r", 5},
		{"a redirect is not followed", eetest.Fault{Status: 302, Header: map[string]string{"Location": "/"}}, "r", 5},
		{"a full queue is not waited for", eetest.Fault{Status: 429, Message: "Too many tasks already in the queue (3000)."}, "r", 1},
		{"the daily limit is not waited for", eetest.Fault{Status: 429, Message: "You exceeded the custom quota for EECU-time"}, "r", 1},
		{"a long Retry-After is passed on at once", eetest.Fault{Status: 429, RetryAfter: "600"}, "r", 1},
		{"an export without a request ID is never repeated", eetest.Fault{Status: 503}, "", 1},
		{"nor if it is unlikely to have started", eetest.Fault{Status: 429}, "", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := newServer(t)
			tc.fault.Times = -1
			server.Inject(tc.fault)
			r := request()
			r.RequestID = tc.id
			_, err := newClient(t, server).ExportClassifier(t.Context(), r)
			if fault := faultOf(t, err); server.Count(eetest.ExportClassifier) != tc.calls {
				t.Errorf("%d calls, want %d: %v", server.Count(eetest.ExportClassifier), tc.calls, fault)
			}
		})
	}
}

// inBubble runs f in virtual time, with a client whose pauses are real there.
func inBubble(t *testing.T, f func(t *testing.T, server *eetest.Server, client *eeclient.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := eetest.NewServer(eetest.Emulator(), eetest.InMemory())
		defer server.Close()
		client, err := eeclient.New(t.Context(), eeclient.WithEmulatorHost(server.Host()), eeclient.WithHTTPClient(server.Client()))
		if err != nil {
			t.Fatal(err)
		}
		f(t, server, client)
	})
}

func TestACallThatHangsIsMadeAgainWithinTheTime(t *testing.T) {
	for _, tc := range []struct {
		name  string
		time  time.Duration
		hangs int
		ok    bool
		calls int
	}{
		{"once", time.Minute, 1, true, 2},
		{"three times", time.Minute, 3, true, 4},
		{"always", time.Minute, -1, false, 5},
		{"in too little time for another attempt", 500 * time.Millisecond, 1, false, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, server *eetest.Server, client *eeclient.Client) {
				server.Inject(eetest.Fault{Delay: time.Hour, Times: tc.hangs})
				ctx, cancel := context.WithTimeout(t.Context(), tc.time)
				defer cancel()
				_, err := client.ExportClassifier(ctx, request())
				if (err == nil) != tc.ok || server.Count(eetest.ExportClassifier) != tc.calls {
					t.Fatalf("%v after %d calls", err, server.Count(eetest.ExportClassifier))
				}
				if tc.ok {
					return
				}
				if fault := faultOf(t, err); fault.Status != "DEADLINE_EXCEEDED" || fault.Code != 0 || fault.Blame.Permanent() || !fault.MayHaveStarted {
					t.Errorf("%+v", fault)
				}
			})
		})
	}
}

func TestNothingIsRetriedWithoutTheCaller(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  eetest.Fault
		leaves time.Duration // 0: never, but it has two seconds
		status string
	}{
		{"a pause that would outlast the deadline is not begun", eetest.Fault{Status: 503, RetryAfter: "3", Times: -1}, 0, "UNAVAILABLE"},
		{"the caller leaves during a call", eetest.Fault{Delay: time.Hour}, time.Second, "CANCELLED"},
		{"the caller leaves during a pause", eetest.Fault{Status: 503, RetryAfter: "4"}, time.Second, "CANCELLED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, server *eetest.Server, client *eeclient.Client) {
				server.Inject(tc.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				if tc.leaves > 0 {
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(tc.leaves, cancel)
				}
				_, err := client.ExportClassifier(ctx, request())
				if fault := faultOf(t, err); fault.Status != tc.status || !fault.MayHaveStarted || errors.Is(err, context.Canceled) != (tc.leaves > 0) || server.Count(eetest.ExportClassifier) != 1 {
					t.Errorf("%+v after %d calls", fault, server.Count(eetest.ExportClassifier))
				}
			})
		})
	}
}
