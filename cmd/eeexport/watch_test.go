package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

// widths are the terminals that the golden files show.
var widths = []int{60, 80, 100, 200}

func TestWatchOnATerminal(t *testing.T) {
	for _, columns := range widths {
		t.Run(fmt.Sprintf("of %d columns", columns), func(t *testing.T) {
			server, clock := newEarthEngine(t)
			names := []string{started(t, server, "first"), started(t, server, "second"), started(t, server, "third")}
			term := startTerminal(t, columns, append([]string{"watch", "--interval=20ms"}, names...)...)
			var frames strings.Builder
			frame := func(pattern string) {
				t.Helper()
				frames.WriteString(masked(term.await(pattern), names...) + "\n")
			}
			frame(`^Task manager: .*\n(.*PENDING.*\n){3}$`)
			clock.Advance(3 * time.Minute)
			frame(`(.*RUNNING.* 50 %.*\n){3}$`)
			if err := server.Fail(names[1], 3, "Execution failed; out of memory."); err != nil {
				t.Fatal(err)
			}
			frame(`.*RUNNING.*\n.*FAILED.*\n.*RUNNING.*\n$`)
			command(t, "", "cancel", names[2]).check(t, exitOK)
			clock.Advance(time.Hour)
			status, last := term.wait()
			frames.WriteString(masked(last, names...))
			if status != exitFailed {
				t.Errorf("exit status %d", status)
			}
			golden(t, fmt.Sprintf("watch-%d.txt", columns), frames.String())
		})
	}
}

func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	long := &snapshot{Name: "projects/p/operations/" + strings.Repeat("X", 24), State: "CANCELLING", Progress: 0.5, Attempt: 3,
		Stage: strings.Repeat("stage ", 9), EECUSeconds: 12345678, description: strings.Repeat("日本 ", 30), created: time.Now().Add(-239 * time.Hour)}
	failed := &snapshot{Name: long.Name, State: "FAILED", Error: strings.Repeat("out of memory ", 20), done: true, ended: "FAILED"}
	for columns := 60; columns <= 220; columns++ {
		for _, attempts := range []bool{false, true} {
			for _, s := range []*snapshot{long, failed, {Name: long.Name}} {
				if s.Attempt > 1 && !attempts {
					continue
				}
				width := 0
				for _, span := range newWatchLayout(columns, attempts).line(s) {
					width += tty.Width(span.Text)
				}
				if width > columns {
					t.Errorf("%s takes %d columns of %d", s.State, width, columns)
				}
			}
		}
	}
}

func TestWatchHasRoomForThoseThatRun(t *testing.T) {
	server, clock := newEarthEngine(t)
	var names []string
	for i := range 30 { // the terminal has 24 rows
		names = append(names, started(t, server, fmt.Sprintf("export-%d", i)))
	}
	for _, name := range names[:10] {
		if err := server.Finish(name, eetest.Succeeded); err != nil {
			t.Fatal(err)
		}
	}
	term := startTerminal(t, 80, append([]string{"watch", "--interval=20ms"}, names...)...)
	shown := term.await(`(.*PENDING.*\n){20}and \d+ more\n$`)
	if lines := strings.Count(shown, "\n"); lines > 24 {
		t.Errorf("%d lines:\n%s", lines, shown)
	}
	clock.Advance(time.Hour)
	if status, last := term.wait(); status != exitOK || strings.Count(last, "SUCCEEDED") != 30 {
		t.Errorf("exit status %d:\n%s", status, last)
	}
}

func TestCtrlCLeavesTheExportRunning(t *testing.T) {
	server, clock := newEarthEngine(t)
	names := []string{started(t, server, "first"), started(t, server, "second")}
	term := startTerminal(t, 100, "wait", "--interval=20ms", names[0], names[1])
	term.await(`(.*PENDING.*\n){2}$`)
	if err := server.Finish(names[0], eetest.Succeeded); err != nil {
		t.Fatal(err)
	}
	term.await(`SUCCEEDED.*\n.*PENDING`)
	term.press("\x03")
	status, last := term.wait()
	if status != exitInterrupted {
		t.Errorf("exit status %d", status)
	}
	golden(t, "watch-interrupted.txt", masked(last, names...))
	clock.Advance(time.Hour)
	if op, _ := server.Operation(names[1]); op.State != eetest.Succeeded {
		t.Errorf("it is %s", op.State)
	}
}

func TestWatchPrintsALineAChange(t *testing.T) {
	for _, tc := range []struct {
		name, golden string
		args         []string
	}{
		{"as text without a terminal", "watch.txt", nil},
		{"as JSON", "watch.jsonl", []string{"--json"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server, clock := newEarthEngine(t)
			name := started(t, server, "alone")
			out, _, ended := start(t, append([]string{"watch", "--interval=5ms", name}, tc.args...)...)
			out.await(`PENDING`)
			clock.Advance(time.Minute)
			out.await(`RUNNING.*Compute Classifier 1/10`)
			clock.Advance(4 * time.Minute)
			out.await(`RUNNING.*Write Asset 5/10`)
			if err := server.Fail(name, 3, "Execution failed; out of memory."); err != nil {
				t.Fatal(err)
			}
			out.await(`FAILED`)
			if status := <-ended; status != exitFailed {
				t.Errorf("exit status %d", status)
			}
			golden(t, tc.golden, masked(strings.Join(out.printed, "\n")+"\n", name))
		})
	}
}

func TestWatchExitStatus(t *testing.T) {
	const (
		succeeds = eetest.Succeeded
		fails    = eetest.Failed
		cancels  = eetest.Cancelled
	)
	for _, tc := range []struct {
		name   string
		ends   []eetest.State
		status int
	}{
		{"is 0 if all have succeeded", []eetest.State{succeeds, succeeds}, exitOK},
		{"is 1 if one has failed", []eetest.State{succeeds, fails}, exitFailed},
		{"is 3 if one has been cancelled", []eetest.State{cancels, succeeds}, exitCancelled},
		{"is 1 if one has failed and one has been cancelled", []eetest.State{cancels, fails, succeeds}, exitFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server, _ := newEarthEngine(t)
			args := []string{"watch"}
			for i, end := range tc.ends {
				name := started(t, server, fmt.Sprintf("export-%d", i))
				if err := server.Finish(name, end); err != nil {
					t.Fatal(err)
				}
				args = append(args, name)
			}
			if r := command(t, "", args...); r.status != tc.status || strings.Count(r.out, "\n") != len(tc.ends) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestWatchIfEarthEngineFails(t *testing.T) {
	server, clock := newEarthEngine(t)
	name := started(t, server, "alone")
	clock.Advance(time.Hour)
	t.Run("an Operation that does not exist is not waited for", func(t *testing.T) {
		command(t, "", "watch", "projects/my-project/operations/NOWHERE").check(t, exitFailed, "projects/my-project/operations/NOWHERE: 404 NOT_FOUND: ")
	})
	t.Run("a transient fault is shown, and watching continues", func(t *testing.T) {
		// One call does not wait for so long a pause.
		server.Inject(eetest.Fault{Method: eetest.GetOperation, Status: http.StatusServiceUnavailable, RetryAfter: "60", Times: 2})
		r := command(t, "", "watch", "--interval=1ms", name)
		lines := strings.SplitAfter(r.out, "\n")
		if r.status != exitOK || len(lines) != 3 || !strings.Contains(lines[0], ": 503 UNAVAILABLE: ") || !strings.Contains(lines[1], ": SUCCEEDED, 100 %") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("an Operation is named by its ID or in full, and watched once", func(t *testing.T) {
		r := command(t, "", "watch", name, name[strings.LastIndexByte(name, '/')+1:])
		if r.status != exitOK || strings.Count(r.out, "\n") != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestSubmitAndWatch(t *testing.T) {
	s := sharedStack(t)
	t.Setenv("EARTHENGINE_EMULATOR_HOST", s.EarthEngine.Host())
	in := func() string { return anonymous(t, requests.PriorityAndOverwrite) }
	t.Run("the Operation's name comes first, and its end last", func(t *testing.T) {
		r := command(t, in(), "submit", "-", "--url", s.HTTPURL, "--watch", "--interval=20ms")
		name, rest, _ := strings.Cut(r.out, "\n")
		if r.status != exitOK || !printedOperation.MatchString(name+"\n") || !strings.Contains(rest, name+": SUCCEEDED, 100 %") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("as JSON all lines are objects, and the exit status is how it has ended", func(t *testing.T) {
		s.EarthEngine.FailNext(1, 3, "Computed value is too large.")
		r := command(t, in(), "submit", "-", "--direct", "--watch", "--json", "--interval=20ms")
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		for _, line := range lines {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s", line)
			}
		}
		if r.status != exitFailed || !strings.Contains(lines[len(lines)-1], `"state":"FAILED"`) {
			t.Errorf("%+v", r)
		}
	})
}
