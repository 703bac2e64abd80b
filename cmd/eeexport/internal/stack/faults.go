package stack

import (
	"path"
	"sync"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// InjectPublishFunc asks f for the error that a publish to a topic, given by its
// ID, is refused with: one made by [google.golang.org/grpc/status]; nil lets it
// succeed. All of Pub/Sub waits while f runs, so f must not use it. A nil f ends
// it.
func (s *Stack) InjectPublishFunc(f func(topic string) error) {
	s.emulator.faults.mu.Lock()
	defer s.emulator.faults.mu.Unlock()
	s.emulator.faults.inject = f
}

// publishFaults refuses publishes.
type publishFaults struct {
	mu     sync.Mutex
	inject func(topic string) error
}

// React implements [cloud.google.com/go/pubsub/v2/pstest.Reactor].
func (f *publishFaults) React(req any) (handled bool, answer any, err error) {
	f.mu.Lock()
	inject := f.inject
	f.mu.Unlock()
	publish, ok := req.(*pubsubpb.PublishRequest)
	if inject == nil || !ok {
		return false, nil, nil
	}
	err = inject(path.Base(publish.Topic))
	return err != nil, &pubsubpb.PublishResponse{}, err
}
