package handlertest

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// Subscribe makes a pull subscription on a topic, both given by their IDs in
// [Project].
func (p *PubSub) Subscribe(t testing.TB, subscription, topic string) {
	t.Helper()
	_, err := p.server.GServer.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: subscriptionName(subscription), Topic: topicName(topic), AckDeadlineSeconds: 10})
	if err != nil {
		t.Fatal(err)
	}
}

// Unacknowledged returns how many messages are left on a subscription. It takes
// them and gives them back.
func (p *PubSub) Unacknowledged(t testing.TB, subscription string) int {
	t.Helper()
	var ids []string
	for {
		// It waits half a second where there is nothing.
		answer, err := p.server.GServer.Pull(t.Context(), &pubsubpb.PullRequest{
			Subscription: subscriptionName(subscription), MaxMessages: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.ReceivedMessages) == 0 {
			break
		}
		for _, m := range answer.ReceivedMessages {
			ids = append(ids, m.AckId)
		}
	}
	if len(ids) > 0 {
		if _, err := p.server.GServer.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: subscriptionName(subscription), AckIds: ids}); err != nil {
			t.Fatal(err)
		}
	}
	return len(ids)
}

// Advance lets time pass for Pub/Sub alone, so that acknowledgement deadlines
// come to an end. The stand-in drops messages that are ten minutes old.
func (p *PubSub) Advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead += d
	ahead := p.ahead
	p.server.SetTimeNowFunc(func() time.Time { return time.Now().Add(ahead) })
}

// Publish publishes a message to a topic, as somebody else might.
func (p *PubSub) Publish(topic string, data []byte, attributes map[string]string) {
	p.server.Publish(topicName(topic), data, attributes)
}

// AwaitMessages waits until a topic has so many messages.
func (p *PubSub) AwaitMessages(t testing.TB, topic string, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(p.Messages(topic)) < n; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages on %s, want %d", len(p.Messages(topic)), topic, n)
		}
	}
}

func subscriptionName(id string) string { return "projects/" + Project + "/subscriptions/" + id }
