package watch

import (
	"context"
	"path"
	"sync"
	"time"

	"example.com/eeexport/eeclient/resource"
)

const (
	// callsAtOnce, and callRate with callBurst, keep a tick to half of Earth
	// Engine's quota of 40 concurrent requests and 100 a second. Exports need the
	// rest (https://developers.google.com/earth-engine/guides/usage).
	callsAtOnce = 20
	callRate    = 40
	callBurst   = 10
)

// checkAll asks Earth Engine for the state of all Operations. It checks projects
// in parallel, each with its share of the concurrent calls, so that one that hangs
// does not hold up the others. If there are more projects than concurrent calls,
// they take turns, each with its share of the time.
func (t *tick) checkAll(ctx context.Context) {
	projects := make(map[string]*project)
	for name, o := range t.operations {
		id := resource.ProjectOf(name)
		if projects[id] == nil {
			projects[id] = &project{tick: t, name: id, operations: make(map[string]*operation)}
		}
		projects[id].operations[path.Base(name)] = o
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
