package handlertest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/pstest"

	"example.com/eeexport/eeclient/eetest"
)

// Deployment is both doors with everything outside of them.
type Deployment struct {
	EE     *eetest.Server
	PubSub *PubSub
	HTTP   *Function // ExportClassifier
	Event  *Function // ExportClassifierEvent
}

// Deploy starts a deployment with the topics operations, failures and requests,
// whose environment is [Env] with changes.
func Deploy(t testing.TB, change map[string]string, opts ...eetest.Option) *Deployment {
	t.Helper()
	d := &Deployment{
		EE:     eetest.NewServer(append([]eetest.Option{eetest.Emulator()}, opts...)...),
		PubSub: NewPubSub(t, "operations", "failures", "requests"),
	}
	t.Cleanup(d.EE.Close)
	env := With(Env(d.EE, d.PubSub), change)
	d.HTTP = Start(t, "ExportClassifier", env)
	d.Event = Start(t, "ExportClassifierEvent", env)
	return d
}

// Door is a way to send a request with an ID that is the sender's own.
type Door struct {
	Name string
	Send func(d *Deployment, t testing.TB, id string, body []byte) *Answer
}

// Doors are both. What they must do alike is tested through each of them.
var Doors = []Door{
	{"http", func(d *Deployment, t testing.TB, id string, body []byte) *Answer {
		t.Helper()
		return d.HTTP.Post(t, "/", body, "Idempotency-Key", id)
	}},
	{"event", func(d *Deployment, t testing.TB, id string, body []byte) *Answer {
		t.Helper()
		return d.Event.Deliver(t, Message{ID: id, Data: body})
	}},
}

// Counts are what requests have led to.
type Counts struct {
	Calls     int // to Earth Engine
	Started   int // Operations
	Published int // messages on the operations topic
	Failures  int // messages on the failures topic
}

// Counts returns what all requests so far have led to.
func (d *Deployment) Counts() Counts {
	return Counts{
		Calls:     d.EE.Count(eetest.ExportClassifier),
		Started:   len(d.EE.Operations()),
		Published: len(d.PubSub.Messages("operations")),
		Failures:  len(d.PubSub.Messages("failures")),
	}
}

// Since returns what was added to earlier counts.
func (c Counts) Since(before Counts) Counts {
	return Counts{c.Calls - before.Calls, c.Started - before.Started, c.Published - before.Published, c.Failures - before.Failures}
}

// Last returns the last message of a topic.
func (d *Deployment) Last(t testing.TB, topic string) *pstest.Message {
	t.Helper()
	messages := d.PubSub.Messages(topic)
	if len(messages) == 0 {
		t.Fatalf("nothing on %s", topic)
	}
	return messages[len(messages)-1]
}

// Cart is an expression that Earth Engine can export.
const Cart = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileCart","arguments":{}}}}}`

// Fields make a request: those of a good one, changed, as JSON. "" leaves one
// out.
type Fields map[string]string

// Body returns the request.
func (f Fields) Body() []byte {
	all := Fields{
		"expression":         Cart,
		"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/rf"}}`,
	}
	maps.Copy(all, f)
	var members []string
	for _, name := range []string{"project", "expression", "description", "requestId", "assetExportOptions", "workloadTag", "priority", "arguments", "extra"} {
		if all[name] != "" {
			members = append(members, fmt.Sprintf("%q:%s", name, all[name]))
		}
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

// Asset returns the fields of a request that writes an asset.
func Asset(name string) Fields {
	return Fields{"assetExportOptions": fmt.Sprintf(`{"earthEngineDestination":{"name":%q}}`, name)}
}
