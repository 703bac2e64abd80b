package handlertest

import (
	"bytes"
	"context"
	"log"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/local"
)

// maxLogShown is how many bytes of a function's log a failed test shows.
const maxLogShown = 32 << 10

// Project is the project of every [Env].
const Project = "my-project"

// Main runs the tests, or serves the function that a [Command] names.
func Main(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1] != "serve" {
		os.Exit(m.Run())
	}
	// As the platform ends a function that it does not wait for: at once.
	err := local.Serve(context.Background(), func(context.Context) error { return nil })
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(0)
}

// Command is the program and the argument by which the test binary serves a
// function, if its TestMain is [Main].
func Command() []string { return []string{os.Args[0], "serve"} }

// Env returns the environment of a deployment whose Earth Engine and Pub/Sub
// are ee and ps: the project [Project], and topics operations and failures. A
// test changes what it needs; a variable set to "" is unset.
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
	*local.Process

	client *http.Client
	log    syncBuffer
}

// Start serves the function of the given FUNCTION_TARGET in a process of its
// own, whose environment is env alone, and returns when it accepts connections.
// The process ends with the test.
func Start(t testing.TB, target string, env map[string]string) *Function {
	t.Helper()
	return start(t, Command(), target, env)
}

// StartCommand serves a function with another program than the test binary.
func StartCommand(t testing.TB, program, target string, env map[string]string) *Function {
	t.Helper()
	return start(t, []string{program}, target, env)
}

func start(t testing.TB, args []string, target string, env map[string]string) *Function {
	t.Helper()
	f := &Function{client: client}
	command := local.Command{Args: args, Target: target, Log: &f.log, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] != "" {
			command.Env = append(command.Env, name+"="+env[name])
		}
	}
	var err error
	if f.Process, err = command.Start(t.Context()); err != nil {
		t.Fatalf("%v: %s", err, f.Log())
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

// Log returns what the function has written so far.
func (f *Function) Log() string { return f.log.String() }

// AwaitLine waits for a line of the log that holds all words, and returns it. What
// the function logs arrives apart from what it answers.
func (f *Function) AwaitLine(t testing.TB, words ...string) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for line := range strings.Lines(f.Log()) {
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
				return line
			}
		}
	}
	t.Errorf("no line with %q in %s", words, f.Log())
	return ""
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

// client keeps no connections between requests, so that a test that kills a
// function sees no stale one.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
