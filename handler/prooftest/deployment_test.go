package prooftest

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// deployment is an Exporter in this process, whose Earth Engine and Pub/Sub are
// in memory: in a bubble of testing/synctest its time is virtual.
type deployment struct {
	ee       *eetest.Server
	ps       *handlertest.PubSub
	exporter *handler.Exporter
}

// deploy makes a deployment with all topics, the watcher's subscription, any project
// and no quotas but those that opts set. It ends with the test.
func deploy(t testing.TB, change map[string]string, opts ...eetest.Option) *deployment {
	t.Helper()
	ps, err := local.NewMemoryPubSub(handlertest.Project, local.Topics(), map[string]string{"pending": local.OperationsTopic})
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{ps: &handlertest.PubSub{PubSub: ps}}
	d.ee = eetest.NewServer(append([]eetest.Option{eetest.InMemory(), eetest.Emulator(),
		eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: -1, RequestsPerSecond: -1, QueuedTasks: -1})}, opts...)...)
	env := handlertest.With(handlertest.With(handlertest.Env(d.ee, d.ps),
		map[string]string{"ALLOWED_PROJECTS": "*", "REQUESTS_TOPIC": local.RequestsTopic}), change)
	cfg, err := handler.ExporterConfigFromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	cfg.EarthEngine = []eeclient.Option{eeclient.WithHTTPClient(d.ee.Client())}
	cfg.PubSub = ps.ClientOptions()
	d.exporter = handler.New(cfg, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		d.exporter.Close()
		d.ps.Close()
		d.ee.Close()
	})
	return d
}

// deliver delivers a message to the event door, as Eventarc does.
func (d *deployment) deliver(m handlertest.Message) *httptest.ResponseRecorder {
	answer, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(m.Envelope()))
	headers := m.Headers()
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	d.exporter.ServeEvent(answer, request)
	return answer
}

// acknowledged reports whether an event's answer acknowledges it.
func acknowledged(answer *httptest.ResponseRecorder) bool { return answer.Code/100 == 2 }

// now is the time as a message's publish time.
func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

// request is a good request for an asset. Further fields, if any, end in a comma.
func request(project, asset, fields string) []byte {
	return fmt.Appendf(nil, `{"project":%q,%s"expression":%s,"assetExportOptions":{"earthEngineDestination":{"name":%q}}}`,
		project, fields, handlertest.Cart, asset)
}
