package handler_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler"
	"example.com/eeexport/handler/handlertest"
)

// replayedFaults bounds the paths that are replayed: with as many faults as the
// exploration has there would be thousands, each with real pauses in it.
const replayedFaults = 2

// path is a way through the model, to the acknowledgement, of one instance that
// is not killed.
type path struct {
	steps []string
	acks  []bool // of each delivery
	end   world
}

// paths returns every path that can be replayed.
func (r *rules) paths() (all []path) {
	var walk func(p path)
	walk = func(p path) {
		if p.end.acked {
			all = append(all, p)
			return
		}
		r.nextOf(p.end, 0, func(name string, fault bool, change func(*world, *instance)) {
			if !r.canReplay(name) || fault && p.end.faults == replayedFaults {
				return
			}
			q := path{append(slices.Clone(p.steps), name), slices.Clone(p.acks), p.end}
			if fault {
				q.end.faults++
			}
			if in := p.end.instances[0]; in.at == answer {
				q.acks = append(q.acks, r.acknowledges(in.kind, in.failurePublished))
			}
			change(&q.end, &q.end.instances[0])
			walk(q)
		})
	}
	walk(path{})
	return all
}

var (
	unavailable = status.New(codes.Unavailable, "")        // is tried again
	refused     = status.New(codes.FailedPrecondition, "") // is not
)

// What makes the real function take the model's edges: a fault for the next
// export, list or publish, or nil for none.
var (
	onExport = map[string]*eetest.Fault{
		"Earth Engine answers":                       nil,
		"the request is lost, tried again":           {Reset: eetest.BeforeStart},
		"the request is lost, given up":              {Status: 503, RetryAfter: "60"},
		"Earth Engine's answer is lost, tried again": {Reset: eetest.AfterStart},
		"Earth Engine's answer is lost, given up":    {Started: true, Status: 503, RetryAfter: "60"},
	}
	onList = map[string]*eetest.Fault{
		"Earth Engine lists":            nil,
		"the list is lost, tried again": {Reset: eetest.BeforeStart},
		"the list is lost, given up":    {Status: 503, RetryAfter: "60"},
	}
	onPublish = map[string]*handlertest.PublishFault{
		"Pub/Sub stores":                                     nil,
		"the publish fails, tried again":                     {Status: unavailable},
		"the publish fails, given up":                        {Status: refused},
		"the publish's acknowledgement is lost, tried again": {Published: true, Status: unavailable},
		"the publish's acknowledgement is lost, given up":    {Published: true, Status: refused},
		"Pub/Sub stores the failure":                         nil,
		"the failure's publish fails, tried again":           {Status: unavailable},
		"the failure's publish fails, given up":              {Status: refused},
		"the failure's acknowledgement is lost, tried again": {Published: true, Status: unavailable},
		"the failure's acknowledgement is lost, given up":    {Published: true, Status: refused},
	}
)

// canReplay tells whether the real function can be made to take an edge.
func (r *rules) canReplay(name string) bool {
	_, export := onExport[name]
	_, list := onList[name]
	_, publish := onPublish[name]
	if r.event == refusedEvent && strings.HasPrefix(name, "Earth Engine's answer is lost") {
		return false // the stand-in would start what it is told to refuse
	}
	return export || list || publish || slices.Contains([]string{"delivered", "decoded", "answered", "the answer is lost"}, name)
}

// script is what is still to happen to the calls of one delivery.
type script struct {
	mu        sync.Mutex
	exports   []*eetest.Fault
	lists     []*eetest.Fault
	publishes []*handlertest.PublishFault
	off       bool // there was a call for which nothing was written
}

// add writes an edge into the script.
func (s *script) add(r *rules, name string) {
	if f, ok := onExport[name]; ok {
		if f == nil && r.event == refusedEvent {
			f = &eetest.Fault{Status: 400}
		}
		s.exports = append(s.exports, f)
	}
	if f, ok := onList[name]; ok {
		if f == nil && r.repeat == alreadyExistsUnlisted {
			f = &eetest.Fault{Body: "{}"}
			if len(s.exports) > 1 {
				// It looks among the Operations of this delivery first.
				s.lists = append(s.lists, f)
			}
		}
		s.lists = append(s.lists, f)
	}
	if f, ok := onPublish[name]; ok {
		s.publishes = append(s.publishes, f)
	}
}

// take returns what happens to the next call.
func take[F any](s *script, list *[]*F) (f *F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(*list) == 0 {
		s.off = true
		return nil
	}
	f, *list = (*list)[0], (*list)[1:]
	return f
}

// followed tells whether all of it has happened, and nothing else.
func (s *script) followed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off && len(s.exports)+len(s.lists)+len(s.publishes) == 0
}

// stage is the real Exporter with the paths that are being replayed on it, each
// with a project of its own.
type stage struct {
	ee       *eetest.Server
	ps       *handlertest.PubSub
	exporter *handler.Exporter
	scripts  sync.Map // by project: *script
}

var pathProject = regexp.MustCompile(`projects/path-\d+`)

func newStage(t *testing.T, r *rules) *stage {
	t.Helper()
	var opts []eetest.Option
	if r.repeat != sameOperation {
		opts = append(opts, eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
	}
	st := &stage{ps: handlertest.NewPubSub(t, "operations", "failures")}
	st.ee, st.exporter = newExporter(t, st.ps, opts, map[string]string{"FAILURES_TOPIC": "failures", "ALLOWED_PROJECTS": "*"})
	st.ee.InjectFunc(func(req *http.Request) *eetest.Fault {
		s := st.script(pathProject.FindString(req.URL.Path))
		if eetest.MethodOf(req) == eetest.ExportClassifier {
			return take(s, &s.exports)
		}
		return take(s, &s.lists)
	})
	st.ps.InjectFunc(func(req *pubsubpb.PublishRequest) *handlertest.PublishFault {
		s := st.script(string(pathProject.Find(req.Messages[0].Data)))
		return take(s, &s.publishes)
	})
	return st
}

func (st *stage) script(project string) *script {
	s, _ := st.scripts.LoadOrStore(project, &script{})
	return s.(*script)
}

// newExporter makes an Exporter in this process, and its Earth Engine.
func newExporter(t testing.TB, ps *handlertest.PubSub, opts []eetest.Option, change map[string]string) (*eetest.Server, *handler.Exporter) {
	t.Helper()
	ee := eetest.NewServer(append([]eetest.Option{eetest.Emulator(),
		eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: -1, RequestsPerSecond: -1, QueuedTasks: -1})}, opts...)...)
	t.Cleanup(ee.Close)
	env := handlertest.With(handlertest.With(handlertest.Env(ee, ps), map[string]string{"FAILURES_TOPIC": ""}), change)
	t.Setenv("PUBSUB_EMULATOR_HOST", ps.Addr()) // which the client library reads for itself
	cfg, err := handler.ExporterConfigFromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return ee, handler.New(cfg, slog.New(slog.DiscardHandler))
}

// replay takes the real Exporter along a path, and says where it left it.
func (st *stage) replay(r *rules, p path, number int) error {
	project := fmt.Sprintf("projects/path-%d", number)
	priority := 1
	if r.event == invalidEvent {
		priority = -1
	}
	message := handlertest.Message{ID: project, Data: fmt.Appendf(nil, `{"project":%q,"priority":%d,"expression":%s,"assetExportOptions":{"earthEngineDestination":{"name":"%s/assets/rf"}}}`,
		project, priority, cart, project)}
	message.PublishTime = time.Now().UTC().Format(time.RFC3339)
	acks := slices.Clone(p.acks)
	for _, name := range p.steps {
		s := st.script(project)
		s.add(r, name)
		if name != "answered" && name != "the answer is lost" {
			continue
		}
		answer, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(message.Envelope()))
		headers := message.Headers()
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		st.exporter.ServeEvent(answer, request)
		if acked := answer.Code == http.StatusOK; acked != acks[0] {
			return fmt.Errorf("acknowledged: %t (%s)", acked, answer.Body)
		}
		acks = acks[1:]
		if !s.followed() {
			return errors.New("it made other calls than the model")
		}
		st.scripts.Delete(project)
	}
	return st.compare(p, project)
}

// compare holds what there is of a project to the end of its path.
func (st *stage) compare(p path, project string) error {
	started := ""
	for _, op := range st.ee.Operations() {
		if "projects/"+op.Project == project {
			started += op.Name
		}
	}
	published, failed := "", false
	for _, m := range st.ps.Messages("operations") {
		if m.Attributes["project"] == project {
			published = m.Attributes["operation"]
		}
	}
	for _, m := range st.ps.Messages("failures") {
		failed = failed || strings.Contains(string(m.Data), project+"/")
	}
	if (started != "") != (p.end.started != 0) || (published != "") != (p.end.published != 0) || failed != p.end.failed ||
		published != "" && published != started {
		return fmt.Errorf("started %q, published %q, on the failures topic: %t", started, published, failed)
	}
	return nil
}

// TestTheModelIsThePipeline drives the real Exporter along the model's paths:
// at each it must make the calls that the model makes, acknowledge what the
// model acknowledges, and leave behind the same.
func TestTheModelIsThePipeline(t *testing.T) {
	for _, r := range modelled {
		t.Run(r.name, func(t *testing.T) {
			st := newStage(t, &r.rules)
			paths := r.paths()
			var workers sync.WaitGroup
			slots := make(chan struct{}, 32)
			for i, p := range paths {
				slots <- struct{}{}
				workers.Go(func() {
					if err := st.replay(&r.rules, p, i); err != nil {
						t.Errorf("%s: %v, and the model ends in %+v", strings.Join(p.steps, "; "), err, p.end)
					}
					<-slots
				})
			}
			workers.Wait()
			t.Logf("%d paths", len(paths))
		})
	}
}
