package prooftest

import (
	"bytes"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// TestARequestIsPublishedAsItCame is about what a function does to a request's
// bytes before it gives it up or lets it wait: nothing of it shows.
func TestARequestIsPublishedAsItCame(t *testing.T) {
	const (
		open = `{ "expression" : {"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.load","arguments":{"id":{"argumentReference":"model"}}}}}},` +
			"\n" + `"arguments":{"model":"projects/my-project/assets/{date}"}, "description":"\u0041 at {isotime}\t", "request_id":"run-{date}",` +
			`"assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/{time}"}} }`
	)
	attributes := map[string]string{"team": "a", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	for _, tc := range []struct {
		name  string
		data  string
		fault eetest.Fault
		topic string
	}{
		{"one that Earth Engine refuses", open, eetest.Fault{Status: 400}, local.FailuresTopic},
		{"one that is not allowed", string(bytes.ReplaceAll([]byte(open), []byte(`"projects/my-project/assets/{time}"`), []byte(`"projects/other/assets/{time}"`))), eetest.Fault{}, local.FailuresTopic},
		{"one that is invalid", open[:len(open)-1] + `,"priority":-1}`, eetest.Fault{}, local.FailuresTopic},
		{"one that is cut short", open[:len(open)-1], eetest.Fault{}, local.FailuresTopic},
		{"one that is no text", "\x00\xff\"", eetest.Fault{}, local.FailuresTopic},
		{"one that waits", open, eetest.Fault{Status: 503, RetryAfter: "60"}, local.RequestsTopic},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := deploy(t, map[string]string{"ALLOWED_PROJECTS": ""})
			d.ee.Inject(tc.fault)
			m := handlertest.Message{ID: "1", Data: []byte(tc.data), Attributes: maps.Clone(attributes), PublishTime: now(), DeliveryAttempt: 50}
			if answer := d.deliver(m); !acknowledged(answer) {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			published := d.ps.Messages(tc.topic)
			if len(published) != 1 || string(published[0].Data) != tc.data {
				t.Fatalf("%d messages: %v", len(published), published)
			}
			if got := published[0].Attributes; tc.topic == local.RequestsTopic && (got["team"] != "a" || got["traceparent"] != attributes["traceparent"] || got["requestId"] != "run-"+time.Now().UTC().Format("20060102")) {
				t.Errorf("%v", got)
			}
		})
	}
}

// TestDeliveriesAtOnceReachOneOperation delivers an event to many requests at
// once, while Earth Engine takes its time before the start and after it.
func TestDeliveriesAtOnceReachOneOperation(t *testing.T) {
	for name, world := range map[string]eetest.World{"answered with the Operation": {}, "already there": exists, "refused if a byte differs": others} {
		t.Run("a repeat is "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := deploy(t, nil, eetest.WithWorld(world))
				m := handlertest.Message{ID: "1", PublishTime: now(), Data: request("projects/my-project", "projects/my-project/assets/a-{time}", `"description":"at {isotime}",`)}
				var deliveries sync.WaitGroup
				for i := range 50 {
					d.ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Started: i%2 == 0, Delay: time.Duration(i) * 100 * time.Millisecond})
					deliveries.Go(func() {
						if answer := d.deliver(m); !acknowledged(answer) {
							t.Errorf("%d %s", answer.Code, answer.Body)
						}
					})
				}
				deliveries.Wait()
				var ids []string
				for _, m := range d.ps.Messages(local.OperationsTopic) {
					ids = append(ids, m.Attributes["ce-id"])
				}
				started := d.ee.Operations()
				if ids = slices.Compact(ids); len(started) != 1 || len(ids) != 1 || ids[0] != started[0].Name+"/started" {
					t.Errorf("%d Operations, published as %q", len(started), ids)
				}
			})
		})
	}
}
