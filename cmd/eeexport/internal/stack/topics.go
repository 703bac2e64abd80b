package stack

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/uuid"
)

const (
	// requestsSubscription is the one that Eventarc would make for its trigger.
	requestsSubscription = "eventarc-export-classifier"
	// pendingSubscription is where the watcher finds what has been started.
	pendingSubscription = "pending"
)

func (s *Stack) createTopics(ctx context.Context) error {
	for _, id := range []string{RequestsTopic, OperationsTopic, CompletionsTopic, FailuresTopic, DeadLettersTopic} {
		if _, err := s.client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: s.topicName(id)}); err != nil {
			return fmt.Errorf("create topic %s: %w", id, err)
		}
	}
	return nil
}

// createSubscriptions makes those that are there whoever listens: the watcher's,
// and the ones by which failed requests can be tried again, which have the names
// of their topics.
func (s *Stack) createSubscriptions(ctx context.Context) error {
	for _, of := range []struct{ id, topic string }{
		{pendingSubscription, OperationsTopic},
		{FailuresTopic, FailuresTopic},
		{DeadLettersTopic, DeadLettersTopic},
	} {
		if _, err := s.subscribe(ctx, of.topic, of.id); err != nil {
			return err
		}
	}
	return nil
}

// startRelay begins to deliver requests that come as messages.
func (s *Stack) startRelay(ctx context.Context) error {
	subscription, err := s.subscribe(ctx, RequestsTopic, requestsSubscription)
	if err != nil {
		return err
	}
	s.relay = &relay{
		subscription: subscription,
		topic:        s.topicName(RequestsTopic),
		deadLetters:  s.client.Publisher(DeadLettersTopic),
		url:          s.EventURL,
		client:       newLocalClient(),
		retry:        s.cfg.Retry,
		observe:      s.cfg.OnDelivery,
	}
	s.background.Go(func() {
		if err := s.relay.run(s.life); err != nil {
			select {
			case s.failed <- fmt.Errorf("the delivery of events has ended: %w", err):
			default:
			}
		}
	})
	return nil
}

func (s *Stack) subscribe(ctx context.Context, topic, id string) (*pubsub.Subscriber, error) {
	_, err := s.client.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
		Name:  "projects/" + s.cfg.Project + "/subscriptions/" + id,
		Topic: s.topicName(topic),
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, err)
	}
	subscription := s.client.Subscriber(id)
	subscription.ReceiveSettings.ShutdownOptions = &pubsub.ShutdownOptions{
		Behavior: pubsub.ShutdownBehaviorNackImmediately,
		Timeout:  time.Second,
	}
	return subscription, nil
}

// Publish publishes to one of the topics and returns the message's ID.
func (s *Stack) Publish(ctx context.Context, topic string, data []byte) (string, error) {
	publisher := s.client.Publisher(topic)
	defer publisher.Stop()
	publisher.PublishSettings.CountThreshold = 1
	return publisher.Publish(ctx, &pubsub.Message{Data: data}).Get(ctx)
}

// Subscribe returns the messages that are published to one of the topics from
// now until ctx ends or the stack is closed, which closes the channel. Whoever
// subscribes gets all of them.
func (s *Stack) Subscribe(ctx context.Context, topic string) (<-chan *pubsub.Message, error) {
	subscription, err := s.subscribe(ctx, topic, topic+"-"+uuid.NewString())
	if err != nil {
		return nil, err
	}
	messages := make(chan *pubsub.Message)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.life, cancel)
	s.background.Go(func() {
		defer close(messages)
		defer cancel()
		defer unhook()
		// It ends with ctx or the stack; either way nobody is left to be told why.
		_ = subscription.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
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

// Redeliver delivers a message of the requests topic once more, acknowledged or
// not, as Pub/Sub will one day.
func (s *Stack) Redeliver(ctx context.Context, messageID string) (Delivery, error) {
	m := s.emulator.fake.Message(messageID)
	if m == nil || m.Topic != s.topicName(RequestsTopic) {
		return Delivery{}, fmt.Errorf("there is no message %s on the topic %s", messageID, RequestsTopic)
	}
	return s.relay.deliver(ctx, &pubsub.Message{
		ID: m.ID, Data: m.Data, Attributes: m.Attributes, PublishTime: m.PublishTime, OrderingKey: m.OrderingKey,
	}, 0), nil
}
