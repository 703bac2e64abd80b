package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/time/rate"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/handler/message"
)

const (
	// checkConcurrency and checkRate keep a tick to half of Earth Engine's
	// quota of 40 requests at once and 100 a second; the rest is the exports'.
	checkConcurrency = 20
	checkRate        = 50
	// listFrom is how many Operations of one project make it worth while to
	// list them by the page instead of asking for each.
	listFrom = 4
	// listPageSize is how many Operations a page has.
	listPageSize = 500
	// getTimeout is how long one Operation is waited for; others have their turn.
	getTimeout = 10 * time.Second
	// giveUpAfter is how many calls in a row may fail before a tick leaves the
	// rest for the next one: Earth Engine is down, and asking more does not help.
	giveUpAfter = 5
)

// check asks Earth Engine where each Operation stands.
func (b *batch) check(ctx context.Context, client *eeclient.Client) {
	byProject := make(map[string]map[string][]*pending)
	for _, p := range b.messages {
		if p.operation == "" {
			continue
		}
		project := resource.ProjectOf(p.operation)
		if byProject[project] == nil {
			byProject[project] = make(map[string][]*pending)
		}
		byProject[project][p.operation] = append(byProject[project][p.operation], p)
	}
	limiter := rate.NewLimiter(checkRate, checkConcurrency)
	for project, operations := range byProject {
		if len(operations) >= listFrom {
			listOperations(ctx, client, project, operations)
		}
		getOperations(ctx, client, operations, limiter)
	}
}

// listOperations finds Operations by the page, newest first. A page that finds
// less than two has cost more than it saved; newer tasks may hide ours, so some
// are put up with: one in a hundred Operations that are still missing. An error
// ends it: the calls for single Operations, which come next, will tell.
func listOperations(ctx context.Context, client *eeclient.Client, project string, operations map[string][]*pending) {
	missing := len(operations)
	seen, hits, idle := 0, 0, 0
	for op, err := range client.ListOperations(ctx, &eeclient.ListOperationsRequest{Project: project, PageSize: listPageSize}) {
		if err != nil {
			return
		}
		if messages, ok := operations[op.Name()]; ok && messages[0].found == nil {
			for _, p := range messages {
				p.found = op
			}
			hits++
			missing--
		}
		if seen++; seen%listPageSize == 0 {
			if hits < 2 {
				idle++
			}
			if hits = 0; idle > missing/100 {
				return
			}
		}
		if missing == 0 {
			return
		}
	}
}

// getOperations asks for each Operation that has not been found yet.
func getOperations(ctx context.Context, client *eeclient.Client, operations map[string][]*pending, limiter *rate.Limiter) {
	var group sync.WaitGroup
	slots := make(chan struct{}, checkConcurrency)
	var mu sync.Mutex
	failures := 0 // in a row
	for name, messages := range operations {
		if messages[0].found != nil {
			continue
		}
		slots <- struct{}{}
		mu.Lock()
		down := failures >= giveUpAfter
		mu.Unlock()
		if down || limiter.Wait(ctx) != nil {
			<-slots
			for _, p := range messages {
				p.err = errNotAsked
			}
			continue
		}
		group.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(ctx, getTimeout)
			defer cancel()
			op, err := client.GetOperation(ctx, name)
			var fault *eeclient.Error
			errors.As(err, &fault)
			mu.Lock()
			if fault != nil && !fault.Blame.Permanent() {
				failures++
			} else {
				failures = 0
			}
			mu.Unlock()
			for _, p := range messages {
				p.found = op
				// Only Earth Engine's own word counts: a proxy's 404 must not
				// end what is running.
				p.missing = fault != nil && fault.NotFound()
				if !p.missing && err != nil {
					p.err = err
				}
			}
		})
	}
	group.Wait()
}

var errNotAsked = errors.New("left for a later tick")

// end returns the state in which the Operation has ended; "" while it has not,
// or nobody knows.
func (p *pending) end() eeclient.State {
	switch {
	case p.missing:
		return eeclient.Failed
	case p.found == nil:
		return ""
	}
	state, _ := p.found.End()
	return state
}

// endMessage returns what goes to the completions topic; nil if there is
// nothing to tell.
func (p *pending) endMessage() *pubsubpb.PubsubMessage {
	state := p.end()
	if state == "" {
		return nil
	}
	end := message.End{State: state, Operation: p.found}
	if p.missing {
		end = message.End{State: state, Reason: "OPERATION_NOT_FOUND"}
	}
	started := &pubsubpb.PubsubMessage{Attributes: p.attributes, Data: p.data}
	return message.Ended(started, end, time.Now())
}
