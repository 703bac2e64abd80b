package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/googleapis/gax-go/v2"

	"example.com/eeexport/eeclient"
)

// watchConcurrency is half of the requests that Earth Engine serves at once to
// a project: the rest is for the exports.
const watchConcurrency = 20

// follower asks for Operations until they have ended.
type follower struct {
	client   *eeclient.Client
	interval time.Duration
	view     view
}

// run shows how the Operations stand, again and again, and returns how they
// stood last. The error is that of ctx.
func (f *follower) run(ctx context.Context, names []string) (map[string]*standing, error) {
	last := make(map[string]*standing, len(names))
	left := slices.Clone(names)
	for {
		for i, now := range f.ask(ctx, left, last) {
			if ctx.Err() != nil {
				return last, ctx.Err() // what could not be asked for is no news
			}
			last[left[i]] = now
			f.view.show(now)
		}
		left = slices.DeleteFunc(left, func(name string) bool { return last[name].done })
		if len(left) == 0 {
			return last, nil
		}
		if err := gax.Sleep(ctx, f.interval); err != nil {
			return last, err
		}
	}
}

// ask returns how each Operation stands.
func (f *follower) ask(ctx context.Context, names []string, last map[string]*standing) []*standing {
	found := make([]*standing, len(names))
	var group sync.WaitGroup
	slots := make(chan struct{}, watchConcurrency)
	for i, name := range names {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			op, err := f.client.GetOperation(ctx, name)
			if err == nil {
				found[i] = newStanding(op)
			} else {
				found[i] = unknown(name, last[name], err)
			}
		})
	}
	group.Wait()
	return found
}

// unknown is how an Operation stands that could not be asked for: as it did
// before, if it is worth while to ask again.
func unknown(name string, before *standing, err error) *standing {
	s := &standing{Name: name}
	if before != nil {
		*s = *before
	}
	s.Error = err.Error()
	var fault *eeclient.Error
	if errors.As(err, &fault) {
		s.Error = fromEarthEngine(fault).Error()
		s.done = fault.Blame.Permanent()
	}
	if s.done {
		s.State = "" // nobody knows it
	}
	return s
}
