package main

import (
	"bytes"
	"context"
	"fmt"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/handler/local"
)

// ticked notes an error of WatchOperations. There must be none, since nobody
// injects faults here.
func (d *demo) ticked(tick local.Tick) {
	summary, err := tick.Summary()
	if err == nil && summary.Errors > 0 {
		err = fmt.Errorf("the ends of %s could not be published", plural(summary.Errors, "Operation"))
	}
	if err == nil {
		return
	}
	select {
	case d.watching <- fmt.Errorf("WatchOperations: %w", err):
	default:
	}
}

// endPublished waits for the end of the Operation of a started message, and
// compares it with that message and with Earth Engine.
func (d *demo) endPublished(ctx context.Context, started *pubsub.Message) error {
	m, err := await(ctx, d, "the end of the Operation", d.completed)
	if err != nil {
		return err
	}
	const kind = "eeexport.operation.succeeded.v1"
	name := started.Attributes["operation"]
	op, err := d.client.GetOperation(ctx, name)
	if err != nil {
		return err
	}
	a := m.Attributes
	switch {
	case a["ce-type"] != kind || a["state"] != "SUCCEEDED":
		return fmt.Errorf("message %s is a %q of the state %q and not a %s", m.ID, a["ce-type"], a["state"], kind)
	case !bytes.Equal(m.Data, op.JSON()):
		return fmt.Errorf("message %s holds another Operation than Earth Engine's %s", m.ID, name)
	case a["ce-id"] == "" || d.ends[name] != "" && d.ends[name] != a["ce-id"]:
		return fmt.Errorf("the end of %s is published under two IDs, %q and %q", name, d.ends[name], a["ce-id"])
	}
	for _, attribute := range []string{"operation", "project", "asset", "requestId"} {
		if got, want := a[attribute], started.Attributes[attribute]; got != want {
			return fmt.Errorf("message %s has the %s %q and not %q", m.ID, attribute, got, want)
		}
	}
	d.ends[name] = a["ce-id"]
	d.say("   message %s on topic %s: %s, %s", m.ID, local.CompletionsTopic, kind, name)
	return nil
}

// nothingPending calls the watcher once more: it must find nothing.
func (d *demo) nothingPending(ctx context.Context) error {
	tick := d.Tick(ctx)
	summary, err := tick.Summary()
	switch {
	case err != nil:
		return err
	case summary.Pending+summary.Errors+summary.Ended.Succeeded+summary.Ended.Failed+summary.Ended.Cancelled > 0:
		return fmt.Errorf("something is pending still: %s", quoted(tick.Body))
	case len(d.ends) != len(d.operations):
		return fmt.Errorf("the ends of %d Operations are published and not of %d", len(d.ends), len(d.operations))
	}
	return nil
}
