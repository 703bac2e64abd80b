package handlertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	"example.com/eeexport/eeclient/eetest"
)

// serveVariable tells the test binary to serve a function and run no tests.
const serveVariable = "HANDLERTEST_SERVE"

// maxLogShown is how many bytes of a function's log a failed test shows.
const maxLogShown = 32 << 10

// Project is the project of every [Env].
const Project = "my-project"

// Main runs the tests, or serves the function that [Start] has asked for.
func Main(m *testing.M) {
	if os.Getenv(serveVariable) == "" {
		os.Exit(m.Run())
	}
	// As the platform ends a function: at once.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { <-ctx.Done(); os.Exit(0) }()
	log.Fatal(funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")))
}

// Env returns the environment of a deployment whose Earth Engine and Pub/Sub
// are ee and ps: the project [Project], and topics operations and failures. A
// test changes what it is about; a variable set to "" is unset.
func Env(ee *eetest.Server, ps *PubSub) map[string]string {
	return map[string]string{
		"GOOGLE_CLOUD_PROJECT":      Project,
		"OPERATIONS_TOPIC":          "operations",
		"FAILURES_TOPIC":            "failures",
		"EARTHENGINE_EMULATOR_HOST": ee.Host(),
		"PUBSUB_EMULATOR_HOST":      ps.Addr(),
	}
}

// With returns env with some variables changed.
func With(env map[string]string, change map[string]string) map[string]string {
	env = maps.Clone(env)
	maps.Copy(env, change)
	return env
}

// Function is a function that is being served.
type Function struct {
	// URL is where it is served, without a path.
	URL string

	client *http.Client
	cmd    *exec.Cmd
	exited chan struct{}
	log    syncBuffer
}

// Start serves the function of the given FUNCTION_TARGET in a process of its
// own, whose environment is env alone, and returns when it accepts connections.
// The process ends with the test.
func Start(t testing.TB, target string, env map[string]string) *Function {
	t.Helper()
	env = With(env, map[string]string{"FUNCTION_TARGET": target, serveVariable: "1"})
	f, err := start(os.Args[0], env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Kill()
		if t.Failed() {
			log := f.Log()
			t.Logf("the end of %s's log:\n%s", target, log[max(0, len(log)-maxLogShown):])
		}
	})
	return f
}

// StartCommand serves a function with another program than the test binary.
func StartCommand(t testing.TB, program, target string, env map[string]string) *Function {
	t.Helper()
	f, err := start(program, With(env, map[string]string{"FUNCTION_TARGET": target}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Kill)
	return f
}

func start(program string, env map[string]string) (*Function, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	f := &Function{
		URL:    "http://127.0.0.1:" + port,
		client: client,
		cmd:    exec.Command(program),
		exited: make(chan struct{}),
	}
	f.cmd.Stdout, f.cmd.Stderr = &f.log, &f.log
	f.cmd.Env = []string{"PORT=" + port, "PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	for name, value := range env {
		if value != "" {
			f.cmd.Env = append(f.cmd.Env, name+"="+value)
		}
	}
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = f.cmd.Wait() // how it ended is in ProcessState
		close(f.exited)
	}()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return f, conn.Close()
		}
		select {
		case <-f.exited:
			return nil, fmt.Errorf("%s ended before it served: %s", program, f.Log())
		default:
		}
		if time.Now().After(deadline) {
			f.Kill()
			return nil, errors.New("the function does not accept connections")
		}
	}
}

// Kill ends the process as SIGKILL does: at once, in the middle of anything.
func (f *Function) Kill() {
	_ = f.cmd.Process.Kill()
	<-f.exited
}

// Terminate sends SIGTERM, as the platform does before it takes an instance
// away, and does not wait.
func (f *Function) Terminate() error { return f.cmd.Process.Signal(syscall.SIGTERM) }

// Wait waits for the process to end and returns its exit status.
func (f *Function) Wait() int {
	<-f.exited
	return f.cmd.ProcessState.ExitCode()
}

// Log returns what the function has written so far.
func (f *Function) Log() string { return f.log.String() }

// MaxRSS returns the process's peak memory in bytes, once it has ended.
func (f *Function) MaxRSS() int64 {
	<-f.exited
	if usage, ok := f.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// syncBuffer is a buffer that a process writes while a test reads.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// NewHTTPClient returns a client that keeps no connections between requests, so
// that a test that kills a function sees no stale one.
func NewHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
}
