package local

import (
	"context"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/status"
)

// PublishFault is something that goes wrong with a publish.
type PublishFault struct {
	// Topic is the ID of the topic that it hits; "" is any.
	Topic string
	// Status is what the publish is refused with; nil lets it succeed.
	Status *status.Status
	// Published lets the publish have its effect before Status is answered: an
	// acknowledgement that is lost.
	Published bool
	// Delay passes first, or, if the publish has its effect before Status is
	// answered, between the two. It ends when the caller hangs up.
	Delay time.Duration
	// Times is how many publishes it hits: 0 is one, and a negative number all
	// of them until ClearFaults.
	Times int
}

// PullFault is something that goes wrong with a unary pull.
type PullFault struct {
	// Subscription is the ID of the subscription that it hits; "" is any.
	Subscription string
	// Status is what the pull is refused with; nil lets it succeed.
	Status *status.Status
	// Leased lets the pull have its effect before Status is answered: the
	// messages are leased to nobody, and hidden until their lease ends.
	Leased bool
	// Delay passes first, or, if the pull has its effect before Status is
	// answered, between the two. It ends when the caller hangs up.
	Delay time.Duration
	// Limit is the most messages that the pull returns, however many there are;
	// 0 is no limit, and a negative number returns none.
	Limit int
	// Redelivered makes the messages available again as soon as they have been
	// pulled, as if their lease had ended: others can pull them too, and once one
	// has, this pull's acknowledgements come too late.
	Redelivered bool
	// Times is how many pulls it hits, as in PublishFault.
	Times int
}

// AckFault is something that goes wrong with an acknowledgement, or with a
// change of an acknowledgement deadline.
type AckFault struct {
	// Subscription is the ID of the subscription that it hits; "" is any.
	Subscription string
	// Status is what the call is refused with; nil lets it succeed.
	Status *status.Status
	// Applied lets the call have its effect before Status is answered.
	Applied bool
	// Late answers with success and has no effect, as Pub/Sub does if the lease
	// has ended.
	Late bool
	// Delay passes first, or, if the call has its effect before Status is
	// answered, between the two. It ends when the caller hangs up.
	Delay time.Duration
	// Times is how many calls it hits, as in PublishFault.
	Times int
}

// Inject adds faults of publishes. Each publish is hit by at most one of them.
func (p *PubSub) Inject(faults ...PublishFault) {
	for _, f := range faults {
		p.publishFaults.add(f, f.Times, func(r *pubsubpb.PublishRequest) bool {
			return f.Topic == "" || p.topicName(f.Topic) == r.Topic
		})
	}
}

// InjectFunc asks f for the fault that hits a publish that none added by Inject
// does; nil is none. Many goroutines call f at once. A nil f ends it.
func (p *PubSub) InjectFunc(f func(*pubsubpb.PublishRequest) *PublishFault) {
	p.publishFaults.ask(f)
}

// InjectPull adds faults of unary pulls. Each pull is hit by at most one.
func (p *PubSub) InjectPull(faults ...PullFault) {
	for _, f := range faults {
		p.pullFaults.add(f, f.Times, func(r *pubsubpb.PullRequest) bool { return p.hits(f.Subscription, r.Subscription) })
	}
}

// InjectPullFunc is to InjectPull what InjectFunc is to Inject.
func (p *PubSub) InjectPullFunc(f func(*pubsubpb.PullRequest) *PullFault) { p.pullFaults.ask(f) }

// InjectAck adds faults of acknowledgements. Each call is hit by at most one.
func (p *PubSub) InjectAck(faults ...AckFault) {
	for _, f := range faults {
		p.ackFaults.add(f, f.Times, func(r *pubsubpb.AcknowledgeRequest) bool { return p.hits(f.Subscription, r.Subscription) })
	}
}

// InjectAckFunc is to InjectAck what InjectFunc is to Inject.
func (p *PubSub) InjectAckFunc(f func(*pubsubpb.AcknowledgeRequest) *AckFault) { p.ackFaults.ask(f) }

// InjectModify adds faults of changes of acknowledgement deadlines, by which
// messages are given back too. Each call is hit by at most one.
func (p *PubSub) InjectModify(faults ...AckFault) {
	for _, f := range faults {
		p.modifyFaults.add(f, f.Times, func(r *pubsubpb.ModifyAckDeadlineRequest) bool { return p.hits(f.Subscription, r.Subscription) })
	}
}

// InjectModifyFunc is to InjectModify what InjectFunc is to Inject.
func (p *PubSub) InjectModifyFunc(f func(*pubsubpb.ModifyAckDeadlineRequest) *AckFault) {
	p.modifyFaults.ask(f)
}

func (p *PubSub) hits(id, name string) bool { return id == "" || p.subscriptionName(id) == name }

// ClearFaults removes all faults, and the functions that are asked for them.
func (p *PubSub) ClearFaults() {
	p.publishFaults.clear()
	p.pullFaults.clear()
	p.ackFaults.clear()
	p.modifyFaults.clear()
}

// faults are those that are still to hit one method. R is its request.
type faults[R, F any] struct {
	mu    sync.Mutex
	armed []*armed[R, F]
	asked func(R) *F
}

type armed[R, F any] struct {
	fault F
	left  int // negative: for ever
	hits  func(R) bool
}

func (q *faults[R, F]) add(fault F, times int, hits func(R) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if times == 0 {
		times = 1
	}
	q.armed = append(q.armed, &armed[R, F]{fault, times, hits})
}

func (q *faults[R, F]) ask(f func(R) *F) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = f
}

func (q *faults[R, F]) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed, q.asked = nil, nil
}

// next returns the fault that hits a request, or the zero one.
func (q *faults[R, F]) next(r R) (fault F) {
	q.mu.Lock()
	asked := q.asked
	for _, a := range q.armed {
		if a.left != 0 && a.hits(r) {
			a.left--
			q.mu.Unlock()
			return a.fault
		}
	}
	q.mu.Unlock()
	if asked != nil {
		if f := asked(r); f != nil {
			fault = *f
		}
	}
	return fault
}

// misbehave makes a call, unless it is refused first.
func misbehave[A any](ctx context.Context, refusal *status.Status, applied bool, delay time.Duration, call func() (A, error)) (answer A, err error) {
	var none A
	if applied && refusal != nil {
		if answer, err := call(); err != nil {
			return answer, err
		}
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return none, status.FromContextError(ctx.Err()).Err()
		}
	}
	if refusal != nil {
		return none, refusal.Err()
	}
	return call()
}
