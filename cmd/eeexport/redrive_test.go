package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/cmd/eeexport/redrive"
	"example.com/eeexport/handler/handlertest"
)

// newPubSub starts a Pub/Sub with the topics that redrive uses, each except
// requests with a subscription of its name, and points the command at it.
func newPubSub(t *testing.T) *handlertest.PubSub {
	t.Helper()
	ps := handlertest.NewPubSub(t, "requests", "failures", "dead-letters")
	ps.Subscribe(t, "failures", "failures")
	ps.Subscribe(t, "dead-letters", "dead-letters")
	t.Setenv("PUBSUB_EMULATOR_HOST", ps.Addr())
	t.Setenv("GOOGLE_CLOUD_PROJECT", handlertest.Project)
	return ps
}

// The attributes of a failed request, as the function and as Pub/Sub make them.
var (
	failureAttributes = map[string]string{
		"ce-specversion": "1.0", "ce-id": "id-1/failed", "ce-type": "eeexport.request.failed.v1", "ce-source": "//earthengine.googleapis.com/projects/my-project",
		"code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST", "message": "description: must be a string", "requestId": "id-1",
		"Content-Type": "application/json", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "sender": "nightly",
	}
	deadLetterAttributes = map[string]string{
		"CloudPubSubDeadLetterSourceDeliveryCount": "5", "CloudPubSubDeadLetterSourceSubscription": "eventarc-export-classifier",
		"CloudPubSubDeadLetterSourceSubscriptionProject": "my-project", "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-11-23T08:00:00Z",
		"sender": "nightly",
	}
)

func changedAttributes(attributes map[string]string, name, value string) map[string]string {
	attributes = maps.Clone(attributes)
	attributes[name] = value
	return attributes
}

// publishFailures publishes n failed requests to the failures topic.
func publishFailures(ps *handlertest.PubSub, n int) {
	for i := range n {
		ps.Publish("failures", fmt.Appendf(nil, `{"description":%d}`, i), failureAttributes)
	}
}

var publishTime = regexp.MustCompile(`published \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

func TestRedrive(t *testing.T) {
	ps := newPubSub(t)
	ps.Publish("failures", []byte(`{"description":7}`), failureAttributes)
	ps.Publish("failures", []byte(`{}`), changedAttributes(failureAttributes, "reason", "DUPLICATE_REQUEST"))
	ps.Publish("failures", []byte(`not JSON`), failureAttributes)
	ps.Publish("failures", []byte(`{"x":1}`), changedAttributes(changedAttributes(failureAttributes, "mayHaveStarted", "true"), "deliveryAttempt", "50"))
	ps.Publish("failures", []byte(`{}`), map[string]string{"ce-type": "eeexport.operation.started.v1"})
	ps.Publish("dead-letters", []byte(`{"requestId":"mine"}`), deadLetterAttributes)
	ps.Publish("dead-letters", []byte(`{}`), deadLetterAttributes)
	ps.Publish("dead-letters", []byte(`{}`), changedAttributes(deadLetterAttributes, "ce-type", "eeexport.operation.failed.v1"))
	var out strings.Builder
	for _, run := range []struct {
		args   []string
		status int
	}{
		{[]string{"--subscription", "failures", "--dry-run"}, exitFailed},
		{[]string{"--subscription", "failures"}, exitFailed},
		{[]string{"--subscription", "projects/my-project/subscriptions/dead-letters", "--topic", "projects/my-project/topics/requests"}, exitFailed},
	} {
		r := command(t, "", append([]string{"redrive", "--settle=0s"}, run.args...)...)
		if r.status != run.status || r.errOut != "" {
			t.Errorf("%v: %+v", run.args, r)
		}
		fmt.Fprintf(&out, "$ eeexport redrive %s\n%s\n", strings.Join(run.args, " "), r.out)
	}
	golden(t, "redrive.txt", publishTime.ReplaceAllString(out.String(), "published TIME"))

	if n := len(ps.Messages("requests")); n != 6 {
		t.Errorf("%d requests", n)
	}
	for _, subscription := range []string{"failures", "dead-letters"} {
		if n := ps.Unacknowledged(t, subscription); n != 1 {
			t.Errorf("%d messages are left on %s, and one of them is not a request", n, subscription)
		}
	}
}

func TestRedriveDryRunChangesNothing(t *testing.T) {
	ps := newPubSub(t)
	publishFailures(ps, 120) // more than one pull takes
	for range 2 {
		r := command(t, "", "redrive", "--settle=0s", "--subscription", "failures", "--dry-run")
		if r.status != exitOK || strings.Count(r.out, "\nmessage ") != 119 || !strings.HasSuffix(r.out, "120 requests to publish to projects/my-project/topics/requests; nothing was changed\n") {
			t.Fatalf("%+v", r)
		}
	}
	if n := len(ps.Messages("requests")); n != 0 {
		t.Errorf("%d requests", n)
	}
	if n := ps.Unacknowledged(t, "failures"); n != 120 {
		t.Errorf("%d messages are left", n)
	}
}

func TestRedriveLeavesWhatItDoesNotPublish(t *testing.T) {
	refused := status.New(codes.InvalidArgument, "not this one")
	for _, tc := range []struct {
		name            string
		failures, newer int // newer ones are published after the run began
		faults          []handlertest.Fault
		args            []string
		status          int
		want            string // in the output or the errors
		published, left int
	}{
		{name: "no more than the limit is taken", failures: 5, args: []string{"--limit", "3"},
			want: "3 requests published to projects/my-project/topics/requests\n", published: 3, left: 2},
		{name: "a request that fails again at once is left to the next run", failures: 2, newer: 1,
			want: "2 requests published to projects/my-project/topics/requests\n1 message left on the subscription: published after this began\n", published: 2, left: 1},
		{name: "one message that is refused stays, and the others do not", failures: 5, faults: []handlertest.Fault{{On: "requests", Status: refused}},
			status: exitFailed, want: "  not published: ", published: 4, left: 1},
		{name: "it gives up if none can be published", failures: 5, faults: []handlertest.Fault{{On: "requests", Status: refused, Times: -1}},
			status: exitFailed, want: "gave up after 3 failures in a row", left: 5},
		{name: "a topic that does not exist takes nothing", failures: 1, args: []string{"--topic", "nowhere"},
			status: exitFailed, want: "  not published: ", left: 1},
		{name: "a subscription that does not exist has nothing", args: []string{"--subscription", "nowhere"},
			status: exitFailed, want: "pull from projects/my-project/subscriptions/nowhere: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps := newPubSub(t)
			publishFailures(ps, tc.failures)
			if tc.newer > 0 {
				ps.Advance(time.Minute) // what comes from now on is newer than any run
				publishFailures(ps, tc.newer)
			}
			ps.Inject(tc.faults...)
			command(t, "", append([]string{"redrive", "--settle=0s", "--subscription", "failures"}, tc.args...)...).check(t, tc.status, tc.want)
			if published, left := len(ps.Messages("requests")), ps.Unacknowledged(t, "failures"); published != tc.published || left != tc.left {
				t.Errorf("%d requests, %d messages left", published, left)
			}
		})
	}
}

// startRedrive runs the command in a process of its own, against a slow
// Pub/Sub, until it has published the given number of failures.
func startRedrive(t *testing.T, ps *handlertest.PubSub, until int) *exec.Cmd {
	t.Helper()
	ps.Inject(handlertest.Fault{On: "requests", Delay: 20 * time.Millisecond, Times: -1})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "redrive", "--settle=0s", "--subscription", "failures")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ps.AwaitMessages(t, "requests", until)
	return cmd
}

func TestRedriveLosesNothingWhenKilled(t *testing.T) {
	const n = 40
	for _, after := range []int{1, 7, 20} {
		t.Run(fmt.Sprintf("after %d", after), func(t *testing.T) {
			ps := newPubSub(t)
			publishFailures(ps, n)
			cmd := startRedrive(t, ps, after)
			cmd.Process.Kill()
			cmd.Wait()
			ps.ClearFaults()
			ps.Advance(2 * redrive.Lease) // its leases have ended
			command(t, "", "redrive", "--settle=0s", "--subscription", "failures").check(t, exitOK)
			times := map[string]int{}
			for _, m := range ps.Messages("requests") {
				times[string(m.Data)]++
			}
			twice := 0
			for _, count := range times {
				twice += count - 1
			}
			// The one that was under way may have been published and not
			// acknowledged.
			if len(times) != n || twice > 1 || ps.Unacknowledged(t, "failures") != 0 {
				t.Errorf("of %d failures %d were published, %d twice", n, len(times), twice)
			}
		})
	}
}

func TestRedriveGivesBackTheRestAfterCtrlC(t *testing.T) {
	const n = 40
	ps := newPubSub(t)
	publishFailures(ps, n)
	cmd := startRedrive(t, ps, 5)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d", got)
	}
	published, left := len(ps.Messages("requests")), ps.Unacknowledged(t, "failures")
	if published+left != n || left == 0 {
		t.Errorf("%d requests, %d messages left", published, left)
	}
}
