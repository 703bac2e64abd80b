package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

var update = flag.Bool("update", false, "write the golden files")

// shared is a stack that tests send requests to.
var shared struct {
	sync.Once
	*local.Stack
	err error
}

// TestMain makes this test's executable also the command, so that processes of
// it can be started.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
	}
	// None of it may come from outside.
	for _, name := range []string{"EARTHENGINE_ENDPOINT", "EARTHENGINE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT",
		"CLOUDSDK_CORE_PROJECT", "CLOUDSDK_ACTIVE_CONFIG_NAME", "EEEXPORT_URL", "NO_COLOR"} {
		os.Unsetenv(name)
	}
	os.Setenv("CLOUDSDK_CONFIG", os.DevNull)
	status := m.Run()
	if shared.Stack != nil {
		shared.Close()
	}
	os.Exit(status)
}

func sharedStack(t *testing.T) *local.Stack {
	t.Helper()
	shared.Do(func() {
		shared.Stack, shared.err = local.Start(t.Context(), local.Config{Project: requests.Project, Speed: demoSpeed})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.Stack
}

// result is what a run of the command came to.
type result struct {
	status      int
	out, errOut string
}

// command runs the command in this process.
func command(t *testing.T, in string, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	status := run(t.Context(), args, strings.NewReader(in), &out, &errOut)
	return result{status, out.String(), errOut.String()}
}

// check fails the test unless a run has come to the status, and its output and its
// errors hold the texts, in this order.
func (r result) check(t *testing.T, status int, texts ...string) {
	t.Helper()
	rest := r.out + r.errOut
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("no %q in %s%s", text, r.out, r.errOut)
			return
		}
		rest = after
	}
	if r.status != status {
		t.Errorf("status %d, want %d: %s%s", r.status, status, r.out, r.errOut)
	}
}

// example writes a real request to a file and returns its name.
func example(t *testing.T, name string) string {
	t.Helper()
	return write(t, name, string(requests.Get(name)))
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not as in %s (go test -update writes it):\n%s", file, got)
	}
}

func TestHelp(t *testing.T) {
	for _, cmd := range newRootCommand().Commands() {
		if cmd.Hidden || !cmd.Runnable() {
			continue // help topics have a text alone
		}
		t.Run(cmd.Name(), func(t *testing.T) {
			if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" {
				t.Error("a command has a summary, a text and examples")
			}
			r := command(t, "", cmd.Name(), "--help")
			if r.status != exitOK || !strings.Contains(r.out, cmd.Example) {
				t.Errorf("%d %s%s", r.status, r.out, r.errOut)
			}
			fitsEighty(t, r.out)
		})
	}
	if r := command(t, ""); r.status != exitOK || !strings.Contains(r.out, "eeexport validate") || strings.Contains(r.out, "serve ") {
		t.Errorf("without arguments: %d %s%s", r.status, r.out, r.errOut)
	}
}

func fitsEighty(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if width := tty.Width(strings.TrimSuffix(line, "\n")); width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestHelpTopics(t *testing.T) {
	for _, topic := range newHelpTopics() {
		r := command(t, "", "help", topic.Name())
		if r.status != exitOK || !strings.Contains(r.out, topic.Long) {
			t.Errorf("%s: %+v", topic.Name(), r)
		}
		fitsEighty(t, r.out)
	}
	fitsEighty(t, command(t, "").out)
}

func TestWrongUse(t *testing.T) {
	request := example(t, requests.Cart)
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"an unknown command", []string{"explode"}, `unknown command "explode"` + "\n"},
		{"a misspelt command", []string{"sumbit"}, "did you mean submit?"},
		{"help for what does not exist", []string{"help", "lost"}, `unknown command "lost"; did you mean list?`},
		{"the beginning of two commands", []string{"re"}, "did you mean redrive?"},
		{"an unknown flag", []string{"demo", "--fast"}, "unknown flag: --fast\n"},
		{"a misspelt flag", []string{"list", "--porject", "p"}, "unknown flag: --porject; did you mean --project?"},
		{"an unknown colour mode", []string{"list", "--color", "sometimes"}, "--color: "},
		{"an argument that is not a pair", []string{"validate", request, "--argument", "end"}, `"end" is not NAME=VALUE`},
		{"cancel of nothing", []string{"cancel"}, "say what to cancel"},
		{"cancel of all and one", []string{"cancel", "--all", "projects/p/operations/o"}, "say what to cancel"},
		{"info without an Operation", []string{"info"}, "requires at least 1 arg"},
		{"an argument too many", []string{"demo", "now"}, "eeexport demo: "},
		{"validate without a file", []string{"validate"}, "requires at least 1 arg"},
		{"an unknown level", []string{"validate", "--check", "lax", request}, "--check: "},
		{"submit without a file", []string{"submit", "--direct"}, "accepts 1 arg"},
		{"submit to nowhere", []string{"submit", request}, "--url, EEEXPORT_URL or --direct"},
		{"submit to two places", []string{"submit", request, "--direct", "--url", "http://localhost"}, "--url or --direct"},
		{"submit to what is not a URL", []string{"submit", request, "--url", "localhost:8080"}, "is not a URL"},
		{"submit by plain HTTP to another machine", []string{"submit", request, "--url", "http://example.com"}, "https"},
		{"submit with a token file that does not exist", []string{"submit", request, "--url", "http://localhost:1", "--token-file", "nowhere"}, "nowhere"},
		{"submit of a file that does not exist", []string{"submit", "nowhere.json", "--direct"}, "nowhere.json"},
		{"a local stack with an unknown level", []string{"local", "--check", "lax"}, "--check: "},
		{"a console for everybody", []string{"local", "--console", ":8079"}, "--console: "},
		{"a clock that stands still", []string{"local", "--speed", "0"}, "--speed"},
		{"a watcher that is never called", []string{"local", "--tick", "0s"}, "--tick"},
		{"submit that watches what is not started", []string{"submit", request, "--direct", "--watch", "--validate-only"}, "--validate-only"},
		{"submit that watches without a pause", []string{"submit", request, "--direct", "--watch", "--interval", "0s"}, "--interval"},
		{"watch without an Operation", []string{"watch"}, "requires at least 1 arg"},
		{"watch by an ID in no project", []string{"watch", "ABC"}, "--project"},
		{"watch of what is not an Operation", []string{"watch", "projects/p/assets/a"}, "projects/*/operations/*"},
		{"watch without a pause", []string{"watch", "projects/p/operations/o", "--interval", "0s"}, "--interval"},
		{"cancel of what is not an Operation", []string{"cancel", "projects/p/assets/a"}, "projects/*/operations/*"},
		{"list by an unknown state", []string{"list", "--project", "p", "--state", "DONE"}, `"DONE" is not one of PENDING, RUNNING`},
		{"list of fewer than none", []string{"list", "--limit=-1"}, "--limit"},
		{"redrive from nowhere", []string{"redrive"}, "--subscription"},
		{"redrive of fewer than none", []string{"redrive", "--subscription", "s", "--limit=-1"}, "--limit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := command(t, "", tc.args...)
			if r.status != exitUsage || !strings.Contains(r.errOut, tc.want) || !strings.Contains(r.errOut, "--help") || r.out != "" {
				t.Errorf("%d %s%s", r.status, r.out, r.errOut)
			}
		})
	}
}
