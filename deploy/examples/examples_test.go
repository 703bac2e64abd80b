// Package examples_test runs the examples and the README's commands against the
// functions, as local runs them.
package examples_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// start runs everything for as long as the test. Operations end at once.
func start(t *testing.T) *local.Stack {
	t.Helper()
	s, err := local.Start(t.Context(), local.Config{Speed: 1e5, TickEvery: 50 * time.Millisecond, Command: handlertest.Command()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// subscribe makes a subscription on the topic completions with a filter.
func subscribe(t *testing.T, s *local.Stack, id, filter string) {
	t.Helper()
	_, err := s.PubSub.Server().GServer.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name:  "projects/my-project/subscriptions/" + id,
		Topic: "projects/my-project/topics/" + local.CompletionsTopic, Filter: filter, AckDeadlineSeconds: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// needs reports whether examples that need more than Go can run. The tests pass
// with Go alone, but CI must run all of them.
func needs(t *testing.T, ok bool, what string) bool {
	t.Helper()
	if !ok && os.Getenv("CI") == "true" {
		t.Fatalf("there is no %s", what)
	}
	if !ok {
		t.Logf("not run: there is no %s", what)
	}
	return ok && !testing.Short()
}

func found(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// command makes a command that runs in a directory, with settings besides the
// environment's. It ends with the test.
func command(t *testing.T, dir string, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// run runs a command to its end and returns what it printed.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := command(t, dir, env, name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// await waits until a condition holds, for a time that is never needed.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatal("in a minute there was no ", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
