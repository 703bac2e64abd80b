package watch

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"

	"example.com/eeexport/eeclient"
)

const (
	// listFrom is the number of a project's Operations from which a list costs
	// less than a call for each.
	listFrom = 4
	// listPageSize is the largest page.
	listPageSize = 500
	// listWorth is how many Operations may be listed for each that is wanted: a
	// page costs about as much as ten calls for one Operation.
	listWorth = listPageSize / 10
	// getTimeout bounds the call for one Operation.
	getTimeout = 10 * time.Second
	// giveUpAfter is how many calls in a row may fail before the rest of the
	// project is skipped: Earth Engine is down, and more calls would not help.
	giveUpAfter = 3
	// knownAfter is the age from which an unknown Operation is lost, and not
	// just too new.
	knownAfter = time.Hour
)

// Why an Operation stays pending although no call failed.
var (
	errNoTime      = errors.New("out of time: left for a later tick")
	errNotYetKnown = errors.New("the Operation is not known to Earth Engine yet")
)

// project is the pending Operations of one project, while they are checked.
type project struct {
	*tick
	name        string
	operations  map[string]*operation // by ID, since a list may have the project's number
	callsAtOnce int                   // its share

	mu       sync.Mutex
	failures int   // in a row
	skipErr  error // why the rest is skipped; nil if it is not
}

// check gets the state of the project's Operations: from a list if that is likely
// to cost less, and of all others one by one. It does not rely on a list's order,
// which is not documented.
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

// listSome lists as much as is likely to cost less than single calls, in half of
// the time. It reports whether it has seen the whole list.
func (p *project) listSome(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	whole, err := p.list(ctx, max(listPageSize, listWorth*len(p.operations)))
	if isRefusal(err) {
		p.skipErr = err
	}
	return whole // any other error is left to the calls for single Operations
}

// list walks the project's Operations until it has found all that are pending, or
// has seen limit Operations; 0 means no limit. It reports whether it has seen
// all.
func (p *project) list(ctx context.Context, limit int) (whole bool, err error) {
	missing, seen := len(p.rest()), 0
	request := &eeclient.ListOperationsRequest{Project: p.name, PageSize: listPageSize, Before: p.limiter.Wait}
	for op, err := range p.EarthEngine.ListOperations(ctx, request) {
		if err != nil {
			return false, err
		}
		if o := p.operations[path.Base(op.Name())]; o != nil && o.found == nil {
			p.record(o, op)
			missing--
		}
		if seen++; missing == 0 || seen == limit {
			return false, nil
		}
	}
	return true, nil
}

// record keeps Earth Engine's answer, and passes the Operation on if it has
// ended.
func (p *project) record(o *operation, op *eeclient.Operation) {
	o.found, o.err = op, nil
	if _, ended := o.end(); ended {
		p.ends <- o
	}
}

// rest returns the Operations without an answer.
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
				if err := p.skipped(); err != nil {
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

// skipped returns why the rest of the project is skipped; nil if it is not.
func (p *project) skipped() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.skipErr
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
		p.record(o, op)
	}
	return err
}

// judge skips the rest of the project after the first refusal, or after several
// failures in a row. It is called with the lock held.
func (p *project) judge(err error) {
	var fault *eeclient.Error
	switch {
	case err == nil || isUnknown(err):
		p.failures = 0
	case errors.As(err, &fault) && p.skipErr == nil:
		if p.failures++; isRefusal(err) || p.failures == giveUpAfter {
			p.skipErr = err
		}
	}
}

// isUnknown reports whether Earth Engine itself, and not a proxy, does not know
// the Operation.
func isUnknown(err error) bool {
	var fault *eeclient.Error
	return errors.As(err, &fault) && fault.NotFound()
}

// isRefusal reports whether the project's other calls would be refused too.
func isRefusal(err error) bool {
	var fault *eeclient.Error
	return errors.As(err, &fault) && fault.Blame != eeclient.Nobody
}

// confirm decides on the Operations that Earth Engine does not know. They are lost
// only if they are old enough and the list of all Operations, which must succeed,
// does not hold them. Whole is set if the whole list has already been seen.
func (p *project) confirm(ctx context.Context, unknown []*operation, whole bool) {
	var old []*operation
	for _, o := range unknown {
		if time.Since(o.startTime()) > knownAfter {
			old = append(old, o)
		} else {
			p.fail(o, errNotYetKnown)
		}
	}
	err := p.skipErr
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
