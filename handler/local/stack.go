package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient/eetest"
)

// The topics of a [Stack], by their IDs.
const (
	RequestsTopic    = "requests"
	OperationsTopic  = "operations"
	CompletionsTopic = "completions"
	FailuresTopic    = "failures"
	DeadLettersTopic = "dead-letters"
)

// Topics returns the IDs of all topics of a [Stack].
func Topics() []string {
	return []string{RequestsTopic, OperationsTopic, CompletionsTopic, FailuresTopic, DeadLettersTopic}
}

// Config is how a [Stack] is set up. The zero Config is usable; ports are
// assigned.
type Config struct {
	// Project owns the topics and is charged for exports; "my-project" if empty.
	Project string
	// The ports, on the loopback interface; 0 is any free one.
	PubSubPort, EarthEnginePort, HTTPPort, EventPort, WatchPort int
	// Speed is how many times faster than real time Operations live; 1 if 0.
	Speed float64
	// Retry is how events are delivered again; [DefaultRetry] if zero.
	Retry Retry
	// Command is a program and its arguments that call [Serve], with functions
	// behind [Middleware]; this executable's subcommand serve if empty.
	Command []string
	// Env are settings of the functions besides those that the stack makes.
	Env []string
	// Log also receives the functions' log lines as they come; it may be nil.
	Log io.Writer
	// OnExchange is called with each request to a function, and again with its
	// answer. Several goroutines call it.
	OnExchange func(Exchange)
	// OnDelivery is called with each attempt to deliver an event. Several
	// goroutines call it.
	OnDelivery func(Delivery)
	// TickEvery is how often WatchOperations is called, as Cloud Scheduler would;
	// if 0, only [Stack.Tick] calls it.
	TickEvery time.Duration
	// OnTick is called with each such call.
	OnTick func(Tick)
}

// Stack is everything that eeexport needs, running: the stand-ins for Earth
// Engine and Pub/Sub, and all functions. What is published to the requests topic
// is delivered to the event function as Eventarc delivers it, and the watcher is
// called as Cloud Scheduler calls it.
//
//	s, err := local.Start(ctx, local.Config{})
//	defer s.Close()
//	started, err := s.Subscribe(ctx, local.OperationsTopic)
//	id := s.PubSub.Publish(local.RequestsTopic, request, nil)
//	m := <-started // the Operation that Earth Engine's stand-in has started
type Stack struct {
	// EarthEngine is the stand-in for Earth Engine, for injecting faults and
	// looking at Operations.
	EarthEngine *eetest.Server
	// PubSub is the stand-in for Pub/Sub, for injecting faults and reading
	// messages.
	PubSub *PubSub
	// HTTPURL, EventURL and WatchURL are where ExportClassifier,
	// ExportClassifierEvent and WatchOperations are served.
	HTTPURL, EventURL, WatchURL string

	cfg       Config
	client    *pubsub.Client
	http      *http.Client // of the functions
	log       functionsLog
	processes []*Process
	failed    chan error

	background sync.WaitGroup
	life       context.Context // of everything in the background
	cancel     context.CancelFunc

	closing sync.Once
	closed  error
}

// Start starts everything, and returns when all of it accepts requests. The
// caller closes it when finished; ctx bounds only the start.
func Start(ctx context.Context, cfg Config) (*Stack, error) {
	cfg.Project = cmp.Or(cfg.Project, "my-project")
	cfg.Speed = cmp.Or(cfg.Speed, 1)
	cfg.Retry = cmp.Or(cfg.Retry, DefaultRetry)
	if cfg.OnDelivery == nil {
		cfg.OnDelivery = func(Delivery) {}
	}
	if cfg.OnTick == nil {
		cfg.OnTick = func(Tick) {}
	}
	if len(cfg.Command) == 0 {
		executable, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cfg.Command = []string{executable, "serve"}
	}
	s := &Stack{cfg: cfg, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}, failed: make(chan error, 1), log: functionsLog{next: cfg.Log}}
	s.life, s.cancel = context.WithCancel(context.Background())
	if err := s.start(ctx); err != nil {
		s.Close()
		if log := s.Log(); len(log) > 0 {
			err = fmt.Errorf("%w\n%s", err, log)
		}
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	if err := s.startStandIns(); err != nil {
		return err
	}
	if err := s.createTopics(); err != nil {
		return err
	}
	if err := s.startFunctions(ctx); err != nil {
		return err
	}
	s.startScheduler()
	s.background.Go(s.relay)
	return nil
}

// startStandIns starts the stand-ins for Google's services.
func (s *Stack) startStandIns() (err error) {
	if s.PubSub, err = NewPubSub(s.cfg.PubSubPort, s.cfg.Project); err != nil {
		return fmt.Errorf("the stand-in for Pub/Sub: %w", err)
	}
	if s.client, err = pubsub.NewClient(context.Background(), s.cfg.Project, s.PubSub.ClientOptions()...); err != nil {
		return err
	}
	listener, err := listen(s.cfg.EarthEnginePort)
	if err != nil {
		return fmt.Errorf("the stand-in for Earth Engine: %w", err)
	}
	s.EarthEngine = eetest.NewServer(eetest.Emulator(),
		eetest.WithListener(listener),
		eetest.WithMiddleware(Guard),
		eetest.WithLifecycle(eetest.SmallExport(s.cfg.Speed)))
	return nil
}

// The functions, by their FUNCTION_TARGET.
const (
	HTTPTarget    = "ExportClassifier"
	EventTarget   = "ExportClassifierEvent"
	WatcherTarget = "WatchOperations"
)

// startFunctions starts all functions, and returns when they accept connections.
func (s *Stack) startFunctions(ctx context.Context) error {
	functions := []struct {
		target string
		port   int
		url    *string
	}{
		{HTTPTarget, s.cfg.HTTPPort, &s.HTTPURL},
		{EventTarget, s.cfg.EventPort, &s.EventURL},
		{WatcherTarget, s.cfg.WatchPort, &s.WatchURL},
	}
	processes, errs := make([]*Process, len(functions)), make([]error, len(functions))
	var starting sync.WaitGroup
	for i, f := range functions {
		starting.Go(func() {
			command := Command{Args: s.cfg.Command, Target: f.target, Port: f.port, Env: s.environment(), Log: s.log.writer(f.target), OnExchange: s.cfg.OnExchange}
			processes[i], errs[i] = command.Start(ctx)
		})
	}
	starting.Wait()
	for i, p := range processes {
		if p != nil {
			s.processes = append(s.processes, p)
			*functions[i].url = p.URL
			go func() { s.fail(p.Err()) }()
		}
	}
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// environment is all that a function's process gets.
func (s *Stack) environment() []string {
	return append([]string{
		"GOOGLE_CLOUD_PROJECT=" + s.cfg.Project,
		"REQUESTS_TOPIC=" + RequestsTopic,
		"OPERATIONS_TOPIC=" + OperationsTopic,
		"FAILURES_TOPIC=" + FailuresTopic,
		"COMPLETIONS_TOPIC=" + CompletionsTopic,
		"PENDING_SUBSCRIPTION=" + pendingSubscription,
		"PUBSUB_EMULATOR_HOST=" + s.PubSub.Addr(),
		"EARTHENGINE_EMULATOR_HOST=" + s.EarthEngine.Host(),
	}, s.cfg.Env...)
}

// fail records the first part that ended unexpectedly.
func (s *Stack) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// Failed receives an error when a function has ended by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

// Log returns the newest log lines of the functions.
func (s *Stack) Log() []byte { return s.log.bytes() }

// Close ends everything, what was started last first. It returns an error if a
// function did not end as it should. Further calls return the same.
func (s *Stack) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Stack) close() error {
	s.cancel()
	s.background.Wait()
	var stopping sync.WaitGroup
	errs := make([]error, len(s.processes))
	for i, p := range s.processes {
		stopping.Go(func() { errs[i] = p.Stop() })
	}
	stopping.Wait()
	if s.client != nil {
		s.client.Close()
	}
	if s.EarthEngine != nil {
		s.EarthEngine.Close()
	}
	if s.PubSub != nil {
		s.PubSub.Close()
	}
	return errors.Join(errs...)
}
