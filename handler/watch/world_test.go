package watch_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/watch"
)

// world is the environment of a tick.
type world struct {
	ee      *eetest.Server
	ps      *handlertest.PubSub
	clients *watch.Clients
}

// newWorld makes a world on real sockets, without pauses between calls to Earth
// Engine.
func newWorld(t *testing.T, opts ...eetest.Option) *world {
	t.Helper()
	w := &world{
		ee: eetest.NewServer(append([]eetest.Option{eetest.Emulator(), eetest.WithLifecycle(eetest.Lifecycle{Pending: 1000 * time.Hour})}, opts...)...),
		ps: handlertest.NewPubSub(t, "operations", "completions"),
	}
	t.Cleanup(w.ee.Close)
	w.ps.Subscribe(t, "pending", "operations")
	t.Setenv("PUBSUB_EMULATOR_HOST", w.ps.Addr())
	w.connect(t, w.ee.Client(), func(context.Context, time.Duration) error { return nil })
	return w
}

// inMemory runs a test in a bubble of virtual time, in a world without sockets
// where Operations live by that time.
func inMemory(t *testing.T, f func(t *testing.T, w *world), opts ...eetest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ps, err := local.NewMemoryPubSub(handlertest.Project, []string{"operations", "completions"}, map[string]string{"pending": "operations"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(ps.Close)
		w := &world{
			ee: eetest.NewServer(append([]eetest.Option{eetest.Emulator(), eetest.InMemory(), eetest.WithLifecycle(eetest.Lifecycle{Pending: 1000 * time.Hour})}, opts...)...),
			ps: &handlertest.PubSub{PubSub: ps},
		}
		t.Cleanup(w.ee.Close)
		w.connect(t, w.ee.Client(), gax.Sleep, ps.ClientOptions()...)
		f(t, w)
	})
}

// connect makes the clients.
func (w *world) connect(t *testing.T, ee *http.Client, sleep eeclient.Sleeper, opts ...option.ClientOption) {
	t.Helper()
	client, err := eeclient.New(t.Context(), eeclient.WithEmulatorHost(w.ee.Host()), eeclient.WithHTTPClient(ee),
		eeclient.WithSleeper(sleep))
	if err != nil {
		t.Fatal(err)
	}
	publisher, err := message.NewPublisher(t.Context(), handlertest.Project, opts...)
	if err != nil {
		t.Fatal(err)
	}
	subscriber, err := pubsub.NewSubscriptionAdminClient(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { publisher.Close(); subscriber.Close() })
	w.clients = &watch.Clients{
		EarthEngine: client, Publisher: publisher, CompletionsTopic: "completions",
		Pending: message.Subscription{Client: subscriber, Name: "projects/" + handlertest.Project + "/subscriptions/pending"},
	}
}

// start starts an Operation that many ago, announces it, and returns its name.
func (w *world) start(t *testing.T, project string, ago time.Duration) string {
	t.Helper()
	created := eetest.Operation{Project: project}
	if ago > 0 {
		created.CreateTime = time.Now().Add(-ago)
	}
	op := w.ee.Add(created)
	w.announce(t, op.JSON(), "projects/"+project)
	return op.Name
}

// startMany starts n Operations of a project.
func (w *world) startMany(t *testing.T, project string, n int) (names []string) {
	t.Helper()
	for range n {
		names = append(names, w.start(t, project, time.Minute))
	}
	return names
}

// announce publishes the started event of an Operation.
func (w *world) announce(t *testing.T, operation []byte, project string) {
	t.Helper()
	op, err := eeclient.ParseOperation(operation)
	if err != nil {
		t.Fatal(err)
	}
	m := message.Started(op, message.Origin{Project: project, WorkloadTag: "team-a"}, time.Now())
	w.ps.Publish("operations", m.Data, m.Attributes)
}

// finish ends Operations.
func (w *world) finish(t *testing.T, state eetest.State, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := w.ee.Finish(name, state); err != nil {
			t.Fatal(err)
		}
	}
}

// tick makes one tick with the platform's default timeout.
func (w *world) tick(t *testing.T) (*watch.Summary, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
	defer cancel()
	return watch.Tick(ctx, w.clients)
}

// expect makes a tick and compares its numbers.
func (w *world) expect(t *testing.T, pending, succeeded, failed, cancelled, errors int) *watch.Summary {
	t.Helper()
	s, _ := w.tick(t)
	if s.Pending != pending || s.Ended != (watch.Ended{Succeeded: succeeded, Failed: failed, Cancelled: cancelled}) || s.Errors != errors {
		t.Errorf("%+v, want %d pending, %d succeeded, %d failed, %d cancelled, %d errors", s, pending, succeeded, failed, cancelled, errors)
	}
	return s
}

// ends returns how often the end of each Operation has been published, by ce-id.
func (w *world) ends() map[string]int {
	ids := make(map[string]int)
	for _, m := range w.ps.Messages("completions") {
		ids[m.Attributes["ce-id"]]++
	}
	return ids
}

// left checks how many messages are left on the subscription.
func (w *world) left(t *testing.T, want int) {
	t.Helper()
	if n := w.ps.Unacknowledged(t, "pending"); n != want {
		t.Errorf("%d messages are left, want %d", n, want)
	}
}

// kill makes a tick whose calls all break off after a time, and which can make
// no more: to everything else it has been killed.
func (w *world) kill(t *testing.T, after time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
	defer cancel()
	time.AfterFunc(after, cancel)
	_, _ = watch.Tick(ctx, w.clients)
}
