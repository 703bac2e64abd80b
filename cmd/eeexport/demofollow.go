package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

// follow asks for the Operation of a started message until it has succeeded and
// its end is published, and compares the expression that Earth Engine got with
// the one that was sent.
func (d *demo) follow(ctx context.Context, started *pubsub.Message, sent []byte) error {
	name := started.Attributes["operation"]
	at, ok := d.EarthEngine.Operation(name)
	if !ok {
		return fmt.Errorf("there is no Operation %s at Earth Engine", name)
	}
	if err := sameExpression(sent, at.Body); err != nil {
		return err
	}
	var last eeclient.State
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		op, err := d.client.GetOperation(ctx, name)
		if err != nil {
			return err
		}
		if op.State() != last {
			d.say("   %s: %s", path.Base(name), describe(op))
			last = op.State()
		}
		if _, ended := op.End(); ended {
			if err := d.succeeded(op, at); err != nil {
				return err
			}
			return d.endPublished(ctx, started)
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// describe returns an Operation's state for a person.
func describe(op *eeclient.Operation) string {
	switch op.State() {
	case eeclient.Running:
		return fmt.Sprintf("RUNNING, %.0f %%", 100*op.Progress())
	case eeclient.Succeeded:
		return fmt.Sprintf("SUCCEEDED, after %v by Earth Engine's clock", op.EndTime().Sub(op.CreateTime()).Round(time.Second))
	}
	return string(op.State())
}

func (d *demo) succeeded(op *eeclient.Operation, at eetest.Operation) error {
	if op.State() != eeclient.Succeeded {
		_, message := op.Failure()
		return fmt.Errorf("the Operation %s has ended as %s: %s", op.Name(), op.State(), message)
	}
	if !d.EarthEngine.HasAsset(at.Asset) {
		return fmt.Errorf("the asset %s does not exist", at.Asset)
	}
	d.say("   the classifier is saved as %s", at.Asset)
	return nil
}

// sameExpression compares the expressions of two requests, byte for byte.
func sameExpression(sent, arrived []byte) error {
	var a, b struct{ Expression json.RawMessage }
	if err := json.Unmarshal(sent, &a); err != nil {
		return err
	}
	if err := json.Unmarshal(arrived, &b); err != nil {
		return fmt.Errorf("what Earth Engine got: %w", err)
	}
	if !bytes.Equal(a.Expression, b.Expression) {
		return errors.New("the expression that Earth Engine got is not the one that was sent")
	}
	return nil
}
