package local

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/uuid"
)

const (
	// requestsSubscription is the one that Eventarc would make for its trigger.
	requestsSubscription = "eventarc-export-classifier"
	// pendingSubscription is where the watcher finds what has been started.
	pendingSubscription = "pending"
)

// createTopics makes the topics, and the subscriptions that exist from the start:
// the relay's, the watcher's, and those by which ends can be consumed and
// failed requests tried again, which have the names of their topics.
func (s *Stack) createTopics() error {
	for _, topic := range Topics() {
		if err := s.PubSub.CreateTopic(topic); err != nil {
			return err
		}
	}
	for _, of := range [][2]string{
		{requestsSubscription, RequestsTopic},
		{pendingSubscription, OperationsTopic},
		{CompletionsTopic, CompletionsTopic},
		{FailuresTopic, FailuresTopic},
		{DeadLettersTopic, DeadLettersTopic},
	} {
		if err := s.PubSub.CreateSubscription(of[0], of[1]); err != nil {
			return err
		}
	}
	return nil
}

// subscriber returns what pulls from a subscription.
func (s *Stack) subscriber(subscription string) *pubsub.Subscriber {
	subscriber := s.client.Subscriber(subscription)
	subscriber.ReceiveSettings.ShutdownOptions = &pubsub.ShutdownOptions{
		Behavior: pubsub.ShutdownBehaviorNackImmediately,
		Timeout:  time.Second,
	}
	return subscriber
}

// Subscribe returns the messages that are published to one of the topics from
// now until ctx ends or the stack is closed, which closes the channel. Everyone
// who subscribes gets all of them.
func (s *Stack) Subscribe(ctx context.Context, topic string) (<-chan *pubsub.Message, error) {
	id := topic + "-" + uuid.NewString()
	if err := s.PubSub.CreateSubscription(id, topic); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, err)
	}
	messages := make(chan *pubsub.Message)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.life, cancel)
	s.background.Go(func() {
		defer close(messages)
		defer cancel()
		defer unhook()
		// It ends with ctx or the stack; an error has no reader then.
		_ = s.subscriber(id).Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
			select {
			case messages <- m:
				m.Ack()
			case <-ctx.Done():
				m.Nack()
			}
		})
	})
	return messages, nil
}
