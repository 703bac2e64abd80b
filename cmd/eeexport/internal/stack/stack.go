package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"example.com/eeexport/eeclient/eetest"
)

// The topics. Each is a topic's ID in the stack's project.
const (
	RequestsTopic    = "requests"
	OperationsTopic  = "operations"
	CompletionsTopic = "completions"
	FailuresTopic    = "failures"
	DeadLettersTopic = "dead-letters"
)

// The functions, by the names that FUNCTION_TARGET knows them by.
var targets = []string{"ExportClassifier", "ExportClassifierEvent", watcherTarget}

// Config is how a Stack is set up. The zero value is of use: all ports free
// ones.
type Config struct {
	// Project owns the topics and is charged for exports; "my-project" if empty.
	Project string
	// The ports, on the loopback interface; 0 for any free one.
	PubSubPort, EarthEnginePort, HTTPPort, EventPort, WatchPort int
	// Speed is how many times faster than real time Operations live; 1 if 0.
	Speed float64
	// Retry is how events are delivered again; [DefaultRetry] if zero.
	Retry Retry
	// Command serves one function, which FUNCTION_TARGET names, on PORT of the
	// loopback interface until its standard input or SIGTERM ends it; this
	// executable's subcommand serve if empty.
	Command []string
	// Env are settings of the functions besides those that the stack makes.
	Env []string
	// Log also gets the functions' log lines, as they come; nil for nobody.
	Log io.Writer
	// OnDelivery is told of each attempt to deliver an event. It is called by
	// several goroutines.
	OnDelivery func(Delivery)
	// TickEvery is how often WatchOperations is called, as Cloud Scheduler would;
	// 0 for never but by [Stack.Tick].
	TickEvery time.Duration
	// OnTick is told of each such call.
	OnTick func(Tick)
}

// Stack is everything, running.
type Stack struct {
	// EarthEngine is the stand-in, for faults to be injected and Operations to
	// be looked at.
	EarthEngine *eetest.Server
	// PubSubHost is host:port: the value for PUBSUB_EMULATOR_HOST.
	PubSubHost string
	// HTTPURL, EventURL and WatchURL are where ExportClassifier,
	// ExportClassifierEvent and WatchOperations are served.
	HTTPURL, EventURL, WatchURL string

	cfg       Config
	emulator  *emulator
	conn      *grpc.ClientConn
	client    *pubsub.Client
	relay     *relay
	scheduler *http.Client // that ticks
	log       functionLog
	processes []*process
	failed    chan error

	background sync.WaitGroup
	life       context.Context // that of the background
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
	s := &Stack{cfg: cfg, scheduler: newLocalClient(), failed: make(chan error, 1), log: functionLog{also: cfg.Log}}
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
	if err := s.createTopics(ctx); err != nil {
		return err
	}
	if err := s.createSubscriptions(ctx); err != nil {
		return err
	}
	if err := s.startFunctions(ctx); err != nil {
		return err
	}
	s.startScheduler()
	return s.startRelay(ctx)
}

// startStandIns starts what stands in for Google.
func (s *Stack) startStandIns() error {
	listener, err := listen(s.cfg.PubSubPort)
	if err != nil {
		return fmt.Errorf("the stand-in for Pub/Sub: %w", err)
	}
	s.PubSubHost = listener.Addr().String()
	s.emulator = newEmulator(listener)
	s.conn, err = grpc.NewClient(s.PubSubHost,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxPublishBytes)))
	if err != nil {
		return err
	}
	s.client, err = pubsub.NewClient(context.Background(), s.cfg.Project, option.WithGRPCConn(s.conn), option.WithTelemetryDisabled())
	if err != nil {
		return err
	}
	s.EarthEngine, err = newEarthEngine(s.cfg.EarthEnginePort, s.cfg.Speed)
	return err
}

// newEarthEngine starts Earth Engine's stand-in, without its panic.
func newEarthEngine(port int, speed float64) (server *eetest.Server, err error) {
	if _, err := reserve(port); err != nil {
		return nil, fmt.Errorf("the stand-in for Earth Engine: %w", err)
	}
	defer func() {
		if r := recover(); r != nil { // the port was taken in between
			err = fmt.Errorf("the stand-in for Earth Engine: %v", r)
		}
	}()
	return eetest.NewServer(eetest.Emulator(),
		eetest.WithAddr(fmt.Sprintf("127.0.0.1:%d", port)),
		eetest.WithClock(eetest.FastClock(speed))), nil
}

// functionStarts is how often a function is started at most: a free port may be
// taken before the function listens on it.
const functionStarts = 3

// startFunctions starts all functions and waits until they accept requests.
func (s *Stack) startFunctions(ctx context.Context) (err error) {
	for range functionStarts {
		if err = s.tryFunctions(ctx); err == nil || ctx.Err() != nil || s.fixedPorts() {
			break
		}
		s.stopFunctions()
	}
	if err != nil {
		return err
	}
	for _, p := range s.processes {
		go func() {
			<-p.done
			select {
			case s.failed <- p.ended():
			default:
			}
		}()
	}
	return nil
}

// fixedPorts tells whether it is for the caller to say where functions listen.
func (s *Stack) fixedPorts() bool {
	return s.cfg.HTTPPort != 0 || s.cfg.EventPort != 0 || s.cfg.WatchPort != 0
}

func (s *Stack) tryFunctions(ctx context.Context) error {
	addrs, err := reserve(s.cfg.HTTPPort, s.cfg.EventPort, s.cfg.WatchPort)
	if err != nil {
		return fmt.Errorf("the functions: %w", err)
	}
	for i, name := range targets {
		p, err := startProcess(name, addrs[i], s.cfg.Command, s.environment(name, addrs[i]), s.log.writer(name))
		if err != nil {
			return err
		}
		s.processes = append(s.processes, p)
	}
	for _, p := range s.processes {
		if err := p.accepting(ctx); err != nil {
			return err
		}
	}
	s.HTTPURL, s.EventURL, s.WatchURL = "http://"+addrs[0], "http://"+addrs[1], "http://"+addrs[2]
	return nil
}

// environment is all that a function's process gets.
func (s *Stack) environment(target, addr string) []string {
	_, port, _ := net.SplitHostPort(addr)
	return append([]string{
		"FUNCTION_TARGET=" + target,
		"PORT=" + port,
		"GOOGLE_CLOUD_PROJECT=" + s.cfg.Project,
		"OPERATIONS_TOPIC=" + OperationsTopic,
		"FAILURES_TOPIC=" + FailuresTopic,
		"COMPLETIONS_TOPIC=" + CompletionsTopic,
		"PENDING_SUBSCRIPTION=" + pendingSubscription,
		"PUBSUB_EMULATOR_HOST=" + s.PubSubHost,
		"EARTHENGINE_EMULATOR_HOST=" + s.EarthEngine.Host(),
	}, s.cfg.Env...)
}

// Failed receives an error when a function has ended by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

// Log returns the newest log lines of the functions.
func (s *Stack) Log() []byte { return s.log.bytes() }

// Close ends everything, what was started last first. It returns an error if a
// function did not end as it should. Further calls do nothing but say the same.
func (s *Stack) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Stack) close() error {
	s.cancel()
	s.background.Wait()
	err := s.stopFunctions()
	if s.client != nil {
		s.client.Close()
		s.conn.Close()
	}
	if s.EarthEngine != nil {
		s.EarthEngine.Close()
	}
	if s.emulator != nil {
		s.emulator.close()
	}
	return err
}

// stopFunctions ends the functions, all at the same time.
func (s *Stack) stopFunctions() error {
	var stopped sync.WaitGroup
	errs := make([]error, len(s.processes))
	for i, p := range s.processes {
		stopped.Go(func() {
			if err := p.stop(); err != nil {
				errs[i] = fmt.Errorf("%s: %w", p.name, err)
			}
		})
	}
	stopped.Wait()
	s.processes = nil
	return errors.Join(errs...)
}

// topicName returns projects/*/topics/* for a topic's ID.
func (s *Stack) topicName(id string) string {
	return "projects/" + s.cfg.Project + "/topics/" + id
}
