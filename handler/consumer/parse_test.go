package consumer_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/consumer"
	"example.com/eeexport/handler/local"
	"example.com/eeexport/handler/message"
)

const (
	name      = "projects/my-project/operations/ABC"
	asset     = "projects/my-project/assets/landcover"
	traceText = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
)

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func operation(t testing.TB, metadata string) *eeclient.Operation {
	t.Helper()
	op, err := eeclient.ParseOperation([]byte(`{"name":"` + name + `",` + metadata + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func started(t testing.TB) *pubsubpb.PubsubMessage {
	return message.Started(operation(t, `"metadata":{"state":"PENDING","createTime":"2026-11-23T08:00:00Z"}`), message.Origin{
		Project: "projects/my-project", Asset: asset, RequestID: "r1", WorkloadTag: "tag", Trace: message.NewTrace(traceText, ""),
	}, now)
}

func ended(t testing.TB, state eeclient.State, metadata string) *pubsubpb.PubsubMessage {
	return message.Ended(started(t), message.End{State: state, Operation: operation(t, metadata)}, now)
}

func export(t testing.TB, id, metadata string) consumer.Export {
	return consumer.Export{
		Meta:      consumer.Meta{ID: id, Source: "//earthengine.googleapis.com/projects/my-project", Time: now, TraceParent: traceText},
		Operation: operation(t, metadata), Project: "projects/my-project", Asset: asset, RequestID: "r1", WorkloadTag: "tag",
	}
}

func TestEveryEventIsReadInEveryFormOfDelivery(t *testing.T) {
	const (
		done    = `"done":true,"metadata":{"endTime":"2026-11-23T08:00:00Z","batchEecuUsageSeconds":1.5}`
		wrong   = `"done":true,"metadata":{"endTime":"2026-11-23T08:00:00Z"},"error":{"code":3,"message":"No training data."}`
		pending = `"metadata":{"state":"PENDING","createTime":"2026-11-23T08:00:00Z"}`
	)
	failure := message.Failure{
		Code: "INVALID_ARGUMENT", Reason: "INVALID_REQUEST", Message: "priority: too large", RequestID: "r1", Operation: name,
		Violations: []eeclient.FieldViolation{{Field: "priority", Description: "too large"}}, DeliveryAttempt: 3, MayHaveStarted: true,
	}
	requestFailed := func(body string) *pubsubpb.PubsubMessage {
		return message.RequestFailed([]byte(body), "", "projects/my-project", failure, message.NewTrace(traceText, ""), now)
	}
	failed := func(body []byte) *consumer.RequestFailed {
		return &consumer.RequestFailed{
			Meta: consumer.Meta{ID: "r1/failed", Source: "//earthengine.googleapis.com/projects/my-project", Time: now, TraceParent: traceText},
			Code: failure.Code, Reason: failure.Reason, Message: failure.Message, Violations: failure.Violations, RequestID: "r1",
			Operation: name, DeliveryAttempt: 3, MayHaveStarted: true, Request: body,
		}
	}
	for _, tc := range []struct {
		name    string
		message *pubsubpb.PubsubMessage
		want    consumer.Event
	}{
		{"started", started(t), &consumer.Started{Export: export(t, name+"/started", pending)}},
		{"succeeded", ended(t, eeclient.Succeeded, done), &consumer.Succeeded{End: consumer.End{Export: export(t, name+"/succeeded", done), EECUSeconds: 1.5}}},
		{"failed", ended(t, eeclient.Failed, wrong), &consumer.Failed{End: consumer.End{Export: export(t, name+"/failed", wrong)}}},
		{"an Operation that Earth Engine does not know any more", message.Ended(started(t), message.End{State: eeclient.Failed, Reason: "OPERATION_NOT_FOUND"}, now),
			&consumer.Failed{End: consumer.End{Export: export(t, name+"/failed", pending)}, Reason: "OPERATION_NOT_FOUND"}},
		{"cancelled", ended(t, eeclient.Cancelled, wrong), &consumer.Cancelled{End: consumer.End{Export: export(t, name+"/cancelled", wrong)}}},
		{"a request that failed", requestFailed("{"), failed([]byte("{"))},
		{"an empty request that failed", requestFailed(""), failed([]byte{})},
	} {
		data, attributes := tc.message.Data, tc.message.Attributes
		unwrapped := http.Header{}
		for name, value := range attributes {
			unwrapped.Set(name, value)
		}
		push := local.Message{ID: "1", Data: data, Attributes: attributes}
		eventarc := http.Header{}
		for i, headers := 0, push.Headers(); i < len(headers); i += 2 {
			eventarc.Set(headers[i], headers[i+1])
		}
		for _, form := range []struct {
			name  string
			parse func() (consumer.Event, error)
		}{
			{"pull", func() (consumer.Event, error) { return consumer.ParseMessage(attributes, data) }},
			{"push", func() (consumer.Event, error) { return consumer.ParseRequest(http.Header{}, push.Envelope()) }},
			{"unwrapped push", func() (consumer.Event, error) { return consumer.ParseRequest(unwrapped, data) }},
			{"Eventarc", func() (consumer.Event, error) { return consumer.ParseRequest(eventarc, push.Envelope()) }},
		} {
			t.Run(tc.name+"/"+form.name, func(t *testing.T) {
				got, err := form.parse()
				if err != nil {
					t.Fatal(err)
				}
				if f, ok := got.(*consumer.RequestFailed); ok && len(f.Request) == 0 {
					f.Request = []byte{}
				}
				if !reflect.DeepEqual(got, tc.want) {
					t.Errorf("%+v, want %+v", got, tc.want)
				}
			})
		}
	}
}

func TestAMessageThatIsNotAnEventIsAnError(t *testing.T) {
	for _, tc := range []struct {
		name, body string
	}{
		{"no JSON", "{"},
		{"no message", "{}"},
		{"a message of somebody else", `{"message":{"data":"e30=","attributes":{"a":"b"}}}`},
		{"an event of somebody else", `{"message":{"data":"e30=","attributes":{"ce-id":"1","ce-type":"com.example.thing"}}}`},
		{"an Operation without a name", `{"message":{"data":"e30=","attributes":{"ce-id":"1","ce-type":"eeexport.operation.started.v1"}}}`},
		{"violations that are not JSON", `{"message":{"attributes":{"ce-id":"1","ce-type":"eeexport.request.failed.v1","violations":"["}}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if e, err := consumer.ParseRequest(http.Header{}, []byte(tc.body)); err == nil {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestAFailureAlwaysHasAMessage(t *testing.T) {
	for _, tc := range []struct {
		name, metadata, reason, want string
	}{
		{"Earth Engine's own", `"error":{"code":3,"message":"No data."}`, "", "No data."},
		{"of an Operation that is gone", `"metadata":{}`, "OPERATION_NOT_FOUND", "Earth Engine no longer knows the Operation"},
		{"of none that is known", `"metadata":{}`, "", "Earth Engine gave no reason"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := consumer.Failed{End: consumer.End{Export: export(t, "1", tc.metadata)}, Reason: tc.reason}
			if got := f.Message(); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}
