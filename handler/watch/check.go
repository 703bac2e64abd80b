package watch

import (
	"context"
	"sync"
	"time"

	"example.com/eeexport/eeclient/resource"
)

const (
	// callsAtOnce, and callRate with callBurst, keep a tick to half of Earth
	// Engine's quota of 40 requests at once and 100 in a second; the rest is the
	// exports' (https://developers.google.com/earth-engine/guides/usage).
	callsAtOnce = 20
	callRate    = 40
	callBurst   = 10
)

// checkAll asks Earth Engine where all Operations stand. Projects are checked in
// parallel, each with its share of the calls at once, so that one that hangs
// holds up no other. If there are more projects than calls at once, they take
// turns, and each has its share of the time.
func (t *tick) checkAll(ctx context.Context) {
	projects := make(map[string]*project)
	for name, o := range t.operations {
		id := resource.ProjectOf(name)
		if projects[id] == nil {
			projects[id] = &project{tick: t, name: id, operations: make(map[string]*operation)}
		}
		projects[id].operations[name] = o
	}
	if len(projects) == 0 {
		return
	}
	ctx, cancel := context.WithDeadline(ctx, t.times.begin)
	defer cancel()
	atOnce := min(len(projects), callsAtOnce)
	share := time.Until(t.times.begin) * time.Duration(atOnce) / time.Duration(len(projects))
	turns := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for _, p := range projects {
		p.callsAtOnce = callsAtOnce / atOnce
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			ctx, cancel := context.WithTimeout(ctx, share)
			defer cancel()
			p.check(ctx)
		})
	}
	group.Wait()
}
