package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/eeexport/eeclient"
)

const (
	// listFrom is how many Operations of one project make it worth while to
	// list them by the page instead of asking for each.
	listFrom = 4
	// listPageSize is how many Operations a page has at most.
	listPageSize = 500
	// listWorth is how many Operations may be listed for each that is wanted: a
	// page costs about as much as ten calls for one Operation.
	listWorth = listPageSize / 10
	// getTimeout is how long one Operation is waited for; others have their turn.
	getTimeout = 10 * time.Second
	// giveUpAfter is how many calls in a row may fail before the rest of the
	// project is left: Earth Engine is down, and asking more does not help.
	giveUpAfter = 3
	// knownAfter is how old an Operation must be for Earth Engine not to know it
	// any more, and not just not yet.
	knownAfter = time.Hour
)

// Why an Operation stays pending although nobody failed.
var (
	errNoTime      = errors.New("left for a later tick, for want of time")
	errNotYetKnown = errors.New("not known to Earth Engine, which may be because it is new")
)

// project is the pending Operations of one project, while they are checked.
type project struct {
	*tick
	name        string
	operations  map[string]*operation // by name
	callsAtOnce int                   // its share

	mu       sync.Mutex
	failures int   // in a row
	left     error // why the rest is left; nil while the project is asked
}

// check learns where the project's Operations stand: those that a list holds from
// the list, if that is likely to cost less, and all others one by one. A list's
// order is not documented and not relied on.
func (p *project) check(ctx context.Context) {
	err := guard(func() error {
		whole := false
		if len(p.operations) >= listFrom {
			whole = p.listSome(ctx)
		}
		p.confirm(ctx, p.getRest(ctx), whole)
		return nil
	})
	if err != nil {
		p.failRest(err)
	}
}

// listSome lists as much as is likely to be worth while, in half of the time. It
// reports whether it has seen the whole list.
func (p *project) listSome(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	whole, err := p.list(ctx, max(listPageSize, listWorth*len(p.operations)))
	if isRefusal(err) {
		p.left = err
	}
	return whole // any other error is left to the calls for single Operations
}

// list walks the project's Operations until all that are pending are found, and
// for so many at most; 0 is no limit. It reports whether it has seen all.
func (p *project) list(ctx context.Context, limit int) (whole bool, err error) {
	missing, seen := len(p.rest()), 0
	for op, err := range p.EarthEngine.ListOperations(ctx, &eeclient.ListOperationsRequest{Project: p.name, PageSize: listPageSize}) {
		if err != nil {
			return false, err
		}
		if o := p.operations[op.Name()]; o != nil && o.found == nil {
			p.learn(o, op)
			missing--
		}
		if seen++; missing == 0 || seen == limit {
			return false, nil
		}
		if seen%listPageSize == 0 { // the next page is a call
			if err := p.limiter.Wait(ctx); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// learn takes what Earth Engine says of an Operation, and passes it on if it has
// ended.
func (p *project) learn(o *operation, op *eeclient.Operation) {
	o.found, o.err = op, nil
	if _, ended := o.end(); ended {
		p.ends <- o
	}
}

// rest returns the Operations of which nothing is known.
func (p *project) rest() (rest []*operation) {
	for _, o := range p.operations {
		if o.found == nil && !o.lost {
			rest = append(rest, o)
		}
	}
	return rest
}

func (p *project) failRest(err error) {
	for _, o := range p.rest() {
		p.fail(o, err)
	}
}

// getRest asks for each Operation that has not been found yet, and returns those
// that Earth Engine does not know.
func (p *project) getRest(ctx context.Context) (unknown []*operation) {
	work := make(chan *operation)
	var group sync.WaitGroup
	for range p.callsAtOnce {
		group.Go(func() {
			for o := range work {
				if err := p.isLeft(); err != nil {
					p.fail(o, err)
					continue
				}
				err := guard(func() error { return p.get(ctx, o) })
				p.mu.Lock()
				if p.judge(err); isUnknown(err) {
					unknown = append(unknown, o)
				}
				p.mu.Unlock()
				if err != nil && !isUnknown(err) {
					p.fail(o, err)
				}
			}
		})
	}
	for _, o := range p.rest() {
		work <- o
	}
	close(work)
	group.Wait()
	return unknown
}

// isLeft returns why the project has been left; nil if it has not.
func (p *project) isLeft() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left
}

// get asks for one Operation.
func (p *project) get(ctx context.Context, o *operation) error {
	if p.limiter.Wait(ctx) != nil {
		return errNoTime
	}
	ctx, cancel := context.WithTimeout(ctx, getTimeout)
	defer cancel()
	op, err := p.EarthEngine.GetOperation(ctx, o.name)
	if err == nil {
		p.learn(o, op)
	}
	return err
}

// judge leaves the project after its first refusal, or after several failures in
// a row. It is called with the lock held.
func (p *project) judge(err error) {
	var fault *eeclient.Error
	switch {
	case err == nil || isUnknown(err):
		p.failures = 0
	case errors.As(err, &fault) && p.left == nil:
		if p.failures++; isRefusal(err) || p.failures == giveUpAfter {
			p.left = err
		}
	}
}

// isUnknown reports whether Earth Engine itself says that it does not know the
// Operation.
func isUnknown(err error) bool {
	var fault *eeclient.Error
	return errors.As(err, &fault) && fault.NotFound()
}

// isRefusal reports whether the project's other calls would be refused too.
func isRefusal(err error) bool {
	var fault *eeclient.Error
	return errors.As(err, &fault) && fault.Blame != eeclient.Nobody
}

// confirm decides on the Operations that Earth Engine does not know. They have
// failed only if they are old enough, and if the list of all Operations, which
// must succeed, does not hold them either. Whole is set if it has been seen.
func (p *project) confirm(ctx context.Context, unknown []*operation, whole bool) {
	var old []*operation
	for _, o := range unknown {
		if time.Since(o.startTime()) > knownAfter {
			old = append(old, o)
		} else {
			p.fail(o, errNotYetKnown)
		}
	}
	err := p.left
	if err == nil && !whole && len(old) > 0 {
		_, err = p.list(ctx, 0)
	}
	for _, o := range old {
		switch {
		case o.found != nil: // the list holds it
		case err != nil:
			p.fail(o, fmt.Errorf("list: %w", err))
		default:
			o.lost = true
			p.ends <- o
		}
	}
}
