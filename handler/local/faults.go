package local

import (
	"cmp"
	"context"
	"reflect"
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
	p.inject(&pubsubpb.PublishRequest{}, p.topicName, faults)
}

// InjectPull adds faults of unary pulls.
func (p *PubSub) InjectPull(faults ...Fault) {
	p.inject(&pubsubpb.PullRequest{}, p.subscriptionName, faults)
}

// InjectAck adds faults of acknowledgements.
func (p *PubSub) InjectAck(faults ...Fault) {
	p.inject(&pubsubpb.AcknowledgeRequest{}, p.subscriptionName, faults)
}

// InjectModify adds faults of changes of acknowledgement deadlines, by which
// messages are given back too.
func (p *PubSub) InjectModify(faults ...Fault) {
	p.inject(&pubsubpb.ModifyAckDeadlineRequest{}, p.subscriptionName, faults)
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

// armed is an injected fault. Its On is a full name, and its Times is how many
// calls it has still to hit.
type armed struct {
	Fault
	call reflect.Type
}

// inject adds faults of calls whose requests have the type of call.
func (p *PubSub) inject(call any, name func(id string) string, faults []Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, f := range faults {
		f.Times = cmp.Or(f.Times, 1)
		if f.On != "" {
			f.On = name(f.On)
		}
		p.faults.armed = append(p.faults.armed, &armed{f, reflect.TypeOf(call)})
	}
}

// next returns the fault that hits a call on a topic or a subscription, or the
// zero one.
func (q *faults) next(call any, on string) Fault {
	q.mu.Lock()
	asked := q.asked
	for _, a := range q.armed {
		if a.Times != 0 && a.call == reflect.TypeOf(call) && (a.On == "" || a.On == on) {
			a.Times--
			f := a.Fault
			q.mu.Unlock()
			return f
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
func misbehave(ctx context.Context, f Fault, call func() (any, error)) (any, error) {
	if f.Applied && f.Status != nil {
		if answer, err := call(); err != nil {
			return answer, err
		}
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	if f.Status != nil {
		return nil, f.Status.Err()
	}
	return call()
}
