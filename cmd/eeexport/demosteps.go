package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"time"

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
	return d.exported(ctx, op.Name())
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
	if err := d.exported(ctx, ""); err != nil {
		return err
	}
	d.say("   the same event once more, as Pub/Sub delivers at least once:")
	again, err := d.Redeliver(ctx, id)
	if err != nil {
		return err
	}
	if err := d.acknowledged(again); err != nil {
		return err
	}
	if err := d.exported(ctx, d.exports[len(d.exports)-1].operation); err != nil {
		return err
	}
	if err := d.startedNoOther(); err != nil {
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
	m, err := d.next(ctx, local.FailuresTopic)
	if err == nil && !bytes.Equal(m.Data, body) {
		err = errors.New("the request on the failures topic is not the one that was sent")
	}
	return err
}

// settle checks that nothing was doubled, and calls the watcher once more, which
// must find nothing.
func (d *demo) settle(ctx context.Context) error {
	if err := d.startedNoOther(); err != nil {
		return err
	}
	pending, err := d.watch(ctx)
	if err == nil && pending > 0 {
		err = fmt.Errorf("%s still pending", plural(pending, "Operation"))
	}
	if err != nil {
		return err
	}
	d.say("   Two exports were asked for, and two Operations were started.")
	d.say("   WatchOperations has published how they ended, and has nothing left to watch:")
	for _, e := range d.exports {
		d.say("   %s", e.ended)
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
	select {
	case delivery := <-d.deliveries:
		return d.acknowledged(delivery)
	case err := <-d.Failed():
		return err
	case <-ctx.Done():
		return fmt.Errorf("the event was not delivered: %w", ctx.Err())
	}
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

// next reads the next message of a topic. A request that fails instead is an
// error.
func (d *demo) next(ctx context.Context, topic string) (*pubsub.Message, error) {
	failures := d.messages[local.FailuresTopic]
	if topic == local.FailuresTopic {
		failures = nil
	}
	select {
	case m := <-d.messages[topic]:
		d.say("   message %s on topic %s: %s, %s", m.ID, topic, m.Attributes["ce-type"], cmp.Or(m.Attributes["operation"], m.Attributes["code"]))
		return m, nil
	case m := <-failures:
		return nil, fmt.Errorf("%s: %s", m.Attributes["code"], m.Attributes["message"])
	case err := <-d.Failed():
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("no message has arrived on topic %s: %w", topic, ctx.Err())
	}
}

// watch calls WatchOperations, and returns how many Operations were pending.
func (d *demo) watch(ctx context.Context) (pending int, err error) {
	tick := d.Tick(ctx)
	s, err := tick.Summary()
	if err == nil && s.Errors > 0 {
		err = fmt.Errorf("the ends of %s could not be published", plural(s.Errors, "Operation"))
	}
	if err != nil {
		return 0, fmt.Errorf("WatchOperations: %w", err)
	}
	return s.Pending + s.Ended.Succeeded + s.Ended.Failed + s.Ended.Cancelled, nil
}

// exported reads that an Operation was started, follows it to its success, and
// reads that its end is published. It must be the one that is named, if any is,
// and be published under the same IDs each time.
func (d *demo) exported(ctx context.Context, operation string) error {
	started, err := d.next(ctx, local.OperationsTopic)
	if err != nil {
		return err
	}
	name := started.Attributes["operation"]
	known := slices.IndexFunc(d.exports, func(e export) bool { return e.operation == name })
	if known < 0 {
		if err := d.follow(ctx, name, started.Attributes["asset"]); err != nil {
			return err
		}
	}
	if _, err := d.watch(ctx); err != nil {
		return err
	}
	ended, err := d.next(ctx, local.CompletionsTopic)
	if err != nil {
		return err
	}
	this := export{name, started.Attributes["ce-id"], ended.Attributes["ce-id"]}
	switch {
	case operation != "" && name != operation || ended.Attributes["operation"] != name:
		return fmt.Errorf("messages %s and %s do not both name the Operation %s", started.ID, ended.ID, cmp.Or(operation, name))
	case known >= 0 && this != d.exports[known]:
		return fmt.Errorf("%s is published under other IDs than before", name)
	case known < 0:
		d.exports = append(d.exports, this)
	}
	return nil
}

// follow shows the states of an Operation until it has written its asset.
func (d *demo) follow(ctx context.Context, name, asset string) error {
	var last eeclient.State
	f := follower{client: d.client, interval: 10 * time.Millisecond, view: newChangeView(func(s *snapshot) {
		if s.State == last {
			return
		}
		last = s.State
		state := string(s.State)
		if s.State == eeclient.Running {
			state += fmt.Sprintf(", %d %%", s.percent())
		}
		d.say("   %s: %s", path.Base(name), state)
	})}
	ends, err := f.run(ctx, []string{name})
	if err != nil {
		return err
	}
	if end := ends[name]; end.ended != eeclient.Succeeded || !d.EarthEngine.HasAsset(asset) {
		return fmt.Errorf("the Operation %s has ended as %s without the asset %s: %s", name, end.State, asset, end.Error)
	}
	d.say("   the classifier is saved as %s", asset)
	return nil
}

// startedNoOther compares the Operations that Earth Engine has with those that
// were published.
func (d *demo) startedNoOther() error {
	if got := len(d.EarthEngine.Operations()); got != len(d.exports) {
		return fmt.Errorf("at Earth Engine %d Operations have started and not %d", got, len(d.exports))
	}
	return nil
}
