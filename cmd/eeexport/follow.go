package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/eeexport/eeclient"
)

// watchConcurrency is half of the concurrent requests that Earth Engine allows a
// project. Exports need the rest.
const watchConcurrency = 20

// follower asks for Operations until they have ended.
type follower struct {
	client   *eeclient.Client
	interval time.Duration
	view     view
}

// run polls the Operations until all have ended, and returns the last snapshot
// of each. Its error is that of ctx.
func (f *follower) run(ctx context.Context, names []string) (map[string]*snapshot, error) {
	last := make(map[string]*snapshot, len(names))
	left := slices.Clone(names)
	for {
		for i, now := range f.poll(ctx, left, last) {
			if ctx.Err() != nil {
				return last, ctx.Err() // the calls were cut off
			}
			last[left[i]] = now
			f.view.show(now)
		}
		f.view.refresh()
		left = slices.DeleteFunc(left, func(name string) bool { return last[name].done })
		if len(left) == 0 {
			return last, nil
		}
		if err := f.pause(ctx); err != nil {
			return last, err
		}
	}
}

// pause waits for the interval, and lets the view show the seconds that pass.
func (f *follower) pause(ctx context.Context) error {
	over := time.After(f.interval)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-over:
			return nil
		case <-second.C:
			f.view.refresh()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// poll asks for each Operation once.
func (f *follower) poll(ctx context.Context, names []string, last map[string]*snapshot) []*snapshot {
	found := make([]*snapshot, len(names))
	var group errgroup.Group
	group.SetLimit(watchConcurrency)
	for i, name := range names {
		group.Go(func() error {
			op, err := f.client.GetOperation(ctx, name)
			if err == nil {
				found[i] = newSnapshot(op)
			} else {
				found[i] = unknown(name, last[name], err)
			}
			return nil
		})
	}
	_ = group.Wait() // an error is in its snapshot
	return found
}

// unknown is the snapshot of an Operation that could not be read: the last one,
// with the error. It is done if reading it again cannot help.
func unknown(name string, before *snapshot, err error) *snapshot {
	s := &snapshot{Name: name}
	if before != nil {
		*s = *before
	}
	s.Error = asFault(err).Error()
	var fault *eeclient.Error
	if errors.As(err, &fault) && fault.Blame.Permanent() {
		s.State, s.done = "", true
	}
	return s
}
