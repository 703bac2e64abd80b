package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// exportPath is the upstream method's own, which ExportClassifier serves too.
const exportPath = "/v1beta/projects/" + requests.Project + "/classifier:export"

// byHTTP sends a request as the official client would send it to Earth Engine.
func (d *demo) byHTTP(ctx context.Context) error {
	body := requests.Get(requests.RandomForest)
	d.say("   POST %s, %s, %d bytes", exportPath, requests.RandomForest, len(body))
	answer, err := d.post(ctx, body)
	if err != nil {
		return err
	}
	op, err := eeclient.ParseOperation(answer.body)
	if err != nil {
		return err
	}
	d.say("   200 OK: %s", op.Name())
	m, err := d.published(ctx, op.Name())
	if err != nil {
		return err
	}
	if m.ID != answer.messageID || !bytes.Equal(m.Data, answer.body) {
		return fmt.Errorf("the message %s holds another Operation than the answer, which names the message %s", m.ID, answer.messageID)
	}
	return d.follow(ctx, m, body)
}

// byEvent publishes a request without a requestId, which the event then
// identifies, and has the event delivered twice.
func (d *demo) byEvent(ctx context.Context) error {
	request, err := parseEnvelope(requests.Get(requests.DecisionTreeEnsemble))
	if err != nil {
		return err
	}
	body := request.without(requestIDField).bytes()
	id := d.PubSub.Publish(local.RequestsTopic, body, nil)
	d.say("   message %s on topic %s: %s, %d bytes", id, local.RequestsTopic, requests.DecisionTreeEnsemble, len(body))
	if err := d.delivered(ctx); err != nil {
		return err
	}
	first, err := d.published(ctx, "")
	if err != nil {
		return err
	}
	operation := first.Attributes["operation"]
	if err := d.follow(ctx, first, body); err != nil {
		return err
	}

	d.say("   the same event once more, as Pub/Sub delivers at least once:")
	again, err := d.Redeliver(ctx, id)
	if err == nil {
		err = d.acknowledged(again)
	}
	if err != nil {
		return err
	}
	second, err := d.published(ctx, operation)
	if err != nil {
		return err
	}
	if first.Attributes["ce-id"] != second.Attributes["ce-id"] {
		return fmt.Errorf("the same Operation is published under two IDs, %s and %s", first.Attributes["ce-id"], second.Attributes["ce-id"])
	}
	if err := d.endPublished(ctx, second); err != nil {
		return err
	}
	if err := d.startedExactly(); err != nil {
		return err
	}
	d.say("   the same Operation, under the same ce-ids; Earth Engine has started no other")
	return nil
}

// refused sends a request that Earth Engine would accept and whose export would
// fail. Both doors refuse it.
func (d *demo) refused(ctx context.Context) error {
	body := requests.Get(requests.SVM)
	var refusal *apiError
	answer, err := d.post(ctx, body)
	switch {
	case err == nil:
		return fmt.Errorf("it was not refused: %s", quoted(answer.body))
	case !errors.As(err, &refusal) || refusal.Code != http.StatusBadRequest || len(refusal.Violations) == 0:
		return err
	}
	d.say("   by HTTP: %d %s", refusal.Code, refusal.Status)
	for _, v := range refusal.Violations {
		d.say("     %s\n       %s", v.Field, v.Description)
	}
	id := d.PubSub.Publish(local.RequestsTopic, body, nil)
	d.say("   by event: message %s on topic %s", id, local.RequestsTopic)
	if err := d.delivered(ctx); err != nil {
		return err
	}
	m, err := await(ctx, d, "the failed request", d.failures)
	if err != nil {
		return err
	}
	if !bytes.Equal(m.Data, body) {
		return errors.New("the request on the failures topic is not the one that was sent")
	}
	d.say("   message %s on topic %s: %s, %s", m.ID, local.FailuresTopic, m.Attributes["ce-type"], m.Attributes["code"])
	return d.startedExactly()
}

// settle checks that nothing was doubled and nothing is pending.
func (d *demo) settle(ctx context.Context) error {
	if err := d.startedExactly(); err != nil {
		return err
	}
	if err := d.nothingPending(ctx); err != nil {
		return err
	}
	d.say("   Two exports were asked for, and two Operations were started.")
	d.say("   WatchOperations has published how they ended, and has nothing left to watch:")
	for _, name := range d.operations {
		d.say("   %s", d.ends[name])
	}
	return nil
}

// post sends a request to ExportClassifier.
func (d *demo) post(ctx context.Context, body []byte) (*answer, error) {
	client, err := newFunctionClient(ctx, d.HTTPURL+exportPath, "", "")
	if err != nil {
		return nil, err
	}
	return client.export(ctx, body, false)
}

// delivered waits for the next delivery of an event, which must be acknowledged.
func (d *demo) delivered(ctx context.Context) error {
	delivery, err := await(ctx, d, "the delivery", d.deliveries)
	if err != nil {
		return err
	}
	return d.acknowledged(delivery)
}

func (d *demo) acknowledged(delivery local.Delivery) error {
	switch {
	case delivery.Err != nil:
		return delivery.Err
	case !delivery.Acknowledged():
		return newAPIError(delivery.Status, delivery.Body)
	}
	d.say("   delivered as a CloudEvent, acknowledged with %d", delivery.Status)
	return nil
}

// published reads the next message of the operations topic: that of the named
// Operation, or of any for "".
func (d *demo) published(ctx context.Context, operation string) (*pubsub.Message, error) {
	m, err := d.nextStarted(ctx)
	if err != nil {
		return nil, err
	}
	const kind = "eeexport.operation.started.v1"
	got, gotKind := m.Attributes["operation"], m.Attributes["ce-type"]
	switch {
	case gotKind != kind:
		return nil, fmt.Errorf("message %s is a %q and not a %s", m.ID, gotKind, kind)
	case got == "" || operation != "" && got != operation:
		return nil, fmt.Errorf("message %s names the Operation %q and not %s", m.ID, got, operation)
	}
	if !slices.Contains(d.operations, got) {
		d.operations = append(d.operations, got)
	}
	d.say("   message %s on topic %s: %s, %s", m.ID, local.OperationsTopic, kind, got)
	return m, nil
}

// nextStarted reads the next message of the operations topic, unless a request
// fails instead.
func (d *demo) nextStarted(ctx context.Context) (*pubsub.Message, error) {
	select {
	case m := <-d.started:
		return m, nil
	case m := <-d.failures:
		return nil, fmt.Errorf("%s: %s", m.Attributes["code"], m.Attributes["message"])
	case err := <-d.Failed():
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("no Operation has been published: %w", ctx.Err())
	}
}

// startedExactly compares the Operations that Earth Engine has with those that
// were published.
func (d *demo) startedExactly() error {
	if got := len(d.EarthEngine.Operations()); got != len(d.operations) {
		return fmt.Errorf("at Earth Engine %d Operations have started and not %d", got, len(d.operations))
	}
	return nil
}
