package watch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
)

// Clients are what a tick needs.
type Clients struct {
	// EarthEngine returns the state of Operations.
	EarthEngine *eeclient.Client
	// Publisher publishes their ends.
	Publisher *message.Publisher
	// Pending holds the started Operations.
	Pending message.Subscription
	// CompletionsTopic is where ends are published.
	CompletionsTopic string
}

// Tick takes what is pending, asks Earth Engine, publishes the ends and
// acknowledges each as soon as it is published, and gives the rest back. It
// returns by ctx's deadline, and after ten minutes at the latest.
//
// The Summary is set even if there is an error. An error means that nothing was
// done: no message could be pulled, or no Operation could be checked or published.
func Tick(ctx context.Context, c *Clients) (*Summary, error) {
	times := plan(ctx)
	ctx, cancel := context.WithDeadline(ctx, times.end)
	defer cancel()
	t := &tick{
		Clients:    c,
		times:      times,
		limiter:    rate.NewLimiter(callRate, callBurst),
		operations: make(map[string]*operation),
		foreign:    make(map[string]bool),
		causes:     make(map[string]error),
	}
	t.take(ctx)
	t.settle(ctx)
	t.giveBack(ctx)
	summary := t.summary()
	return summary, summary.nothingDone()
}

// tick is one call of [Tick].
type tick struct {
	*Clients
	times   times
	limiter *rate.Limiter // of calls to Earth Engine

	operations map[string]*operation // by name
	foreign    map[string]bool       // IDs of messages that are not started Operations
	ends       chan *operation       // whose end is known
	published  chan *operation       // whose end is published

	mu          sync.Mutex
	causes      map[string]error // the first of each project, and of the subscription
	failedPulls int
}

// times are the deadlines of the parts of a tick.
type times struct {
	pull  time.Time
	begin time.Time // no call and no publish begins later
	// Calls that have begun are cut off here. A publish that is cut off may
	// still have its effect, and the next tick repeats it.
	publish     time.Time
	acknowledge time.Time
	end         time.Time
}

const (
	// giveBackTime is reserved for the last acknowledgements, and to give back
	// what is left.
	giveBackTime = 5 * time.Second
	// maxTick bounds a tick: no lease is longer.
	maxTick = 10 * time.Minute
)

// plan divides the time until ctx's deadline. A tick of a minute pulls for up to
// 15 s, and begins nothing in its last 15 s.
func plan(ctx context.Context) times {
	now := time.Now()
	end := now.Add(maxTick)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	quarter := end.Sub(now) / 4
	giveBack := min(quarter, giveBackTime)
	publish := end.Add(-giveBack)
	return times{
		pull:        now.Add(quarter),
		begin:       publish.Add(-min(quarter, message.PublishTimeout)),
		publish:     publish,
		acknowledge: end.Add(-giveBack / 2),
		end:         end,
	}
}

// settle checks all Operations, and meanwhile publishes and acknowledges the
// ends that it finds.
func (t *tick) settle(ctx context.Context) {
	publishing, cancel := context.WithDeadline(ctx, t.times.publish)
	defer cancel()
	acknowledging, cancel := context.WithDeadline(ctx, t.times.acknowledge)
	defer cancel()
	// They have room for all, so that no part of the tick waits for another.
	t.ends = make(chan *operation, len(t.operations))
	t.published = make(chan *operation, len(t.operations))
	var publishers, acknowledgers sync.WaitGroup
	for range publishesAtOnce {
		publishers.Go(func() { t.publishEnds(publishing) })
	}
	for range acknowledgesAtOnce {
		acknowledgers.Go(func() { t.acknowledgeEnds(acknowledging) })
	}
	t.checkAll(ctx)
	close(t.ends)
	publishers.Wait()
	close(t.published)
	acknowledgers.Wait()
}

// fail records why an Operation could not be checked, or why its end could not
// be published.
func (t *tick) fail(o *operation, err error) {
	o.err = err
	t.note(resource.ProjectOf(o.name), err)
}

// note keeps the first error of a project, or of the subscription.
func (t *tick) note(name string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.causes[name] == nil {
		t.causes[name] = err
	}
}

// guard returns a panic of f as an error: in a goroutine it would end the process,
// and the work of all other projects.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}
