package local

import (
	"cmp"
	"context"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/status"
)

// Fault is something that goes wrong with a call to Pub/Sub.
type Fault struct {
	// On is the ID of the topic or the subscription that it hits; "" is any.
	On string
	// Status is what the call is refused with; nil lets it succeed.
	Status *status.Status
	// Applied lets the call have its effect before Status is answered: a message
	// is stored, an acknowledgement counts, and what is pulled is leased to nobody
	// and hidden until its lease ends.
	Applied bool
	// Delay passes first, or, if the call has its effect before Status is
	// answered, between the two. It ends when the caller hangs up.
	Delay time.Duration
	// Limit is the most messages that a pull returns, however many there are; 0
	// means no limit, and a negative number returns none.
	Limit int
	// Redelivered makes messages available again as soon as they have been
	// pulled, as if their lease had ended: others can pull them too, and once one
	// has, this pull's acknowledgements come too late.
	Redelivered bool
	// Late answers an acknowledgement, or the change of its deadline, with success
	// and has no effect, as Pub/Sub does if the lease has ended.
	Late bool
	// Times is how many calls it hits: 0 is one, and a negative number all of them
	// until ClearFaults.
	Times int
}

// Inject adds faults of publishes. Each call is hit by at most one fault.
func (p *PubSub) Inject(faults ...Fault) {
	inject[*pubsubpb.PublishRequest](p, p.topicName, faults)
}

// InjectPull adds faults of unary pulls.
func (p *PubSub) InjectPull(faults ...Fault) {
	inject[*pubsubpb.PullRequest](p, p.subscriptionName, faults)
}

// InjectAck adds faults of acknowledgements.
func (p *PubSub) InjectAck(faults ...Fault) {
	inject[*pubsubpb.AcknowledgeRequest](p, p.subscriptionName, faults)
}

// InjectModify adds faults of changes of acknowledgement deadlines, by which
// messages are given back too.
func (p *PubSub) InjectModify(faults ...Fault) {
	inject[*pubsubpb.ModifyAckDeadlineRequest](p, p.subscriptionName, faults)
}

// InjectFunc calls f for each call that no injected fault hits. The call is hit by
// the fault that f returns, if not nil. The call is a *pubsubpb.PublishRequest,
// PullRequest, AcknowledgeRequest or ModifyAckDeadlineRequest. Many goroutines
// call f at once. A nil f removes the function.
func (p *PubSub) InjectFunc(f func(call any) *Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.asked = f
}

// ClearFaults removes all faults, and the function given to InjectFunc.
func (p *PubSub) ClearFaults() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.armed, p.faults.asked = nil, nil
}

// faults are the faults still to come.
type faults struct {
	mu    sync.Mutex
	armed []*armed
	asked func(call any) *Fault
}

type armed struct {
	fault Fault
	left  int // negative: for ever
	hits  func(call any, on string) bool
}

// inject adds faults of the calls whose request is an R.
func inject[R any](p *PubSub, name func(id string) string, faults []Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, f := range faults {
		p.faults.armed = append(p.faults.armed, &armed{f, cmp.Or(f.Times, 1), func(call any, on string) bool {
			_, ok := call.(R)
			return ok && (f.On == "" || name(f.On) == on)
		}})
	}
}

// next returns the fault that hits a call on a topic or a subscription, or the
// zero one.
func (q *faults) next(call any, on string) Fault {
	q.mu.Lock()
	asked := q.asked
	for _, a := range q.armed {
		if a.left != 0 && a.hits(call, on) {
			a.left--
			q.mu.Unlock()
			return a.fault
		}
	}
	q.mu.Unlock()
	if asked != nil {
		if f := asked(call); f != nil {
			return *f
		}
	}
	return Fault{}
}

// misbehave makes a call, unless it is refused first.
func misbehave[A any](ctx context.Context, f Fault, call func() (A, error)) (answer A, err error) {
	var none A
	if f.Applied && f.Status != nil {
		if answer, err := call(); err != nil {
			return answer, err
		}
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-ctx.Done():
			return none, status.FromContextError(ctx.Err()).Err()
		}
	}
	if f.Status != nil {
		return none, f.Status.Err()
	}
	return call()
}
