package handlertest

import (
	"testing"
	"time"

	"example.com/eeexport/handler/local"
)

// Fault is something that goes wrong with a call to [PubSub].
type Fault = local.Fault

// Push delivers many messages, each until it is acknowledged.
type Push = local.Push

// PubSub is a [local.PubSub] in [Project].
type PubSub struct {
	*local.PubSub
}

// NewPubSub starts a Pub/Sub with the given topics, by their IDs. It ends with
// the test.
func NewPubSub(t testing.TB, topics ...string) *PubSub {
	t.Helper()
	ps, err := local.NewPubSub(0, Project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ps.Close)
	for _, topic := range topics {
		if err := ps.CreateTopic(topic); err != nil {
			t.Fatal(err)
		}
	}
	return &PubSub{ps}
}

// Subscribe makes a pull subscription on a topic.
func (p *PubSub) Subscribe(t testing.TB, subscription, topic string) {
	t.Helper()
	if err := p.CreateSubscription(subscription, topic); err != nil {
		t.Fatal(err)
	}
}

// Unacknowledged returns how many messages are left on a subscription. It takes
// them and gives them back.
func (p *PubSub) Unacknowledged(t testing.TB, subscription string) int {
	t.Helper()
	n, err := p.PubSub.Unacknowledged(subscription)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// AwaitMessages waits until a topic has n messages.
func (p *PubSub) AwaitMessages(t testing.TB, topic string, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(p.Messages(topic)) < n; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages on %s, want %d", len(p.Messages(topic)), topic, n)
		}
	}
}
