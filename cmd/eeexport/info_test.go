package main

import (
	"strings"
	"testing"
	"time"
)

func TestInfo(t *testing.T) {
	server, clock := newEarthEngine(t)
	done := started(t, server, "autumn-2025")
	clock.Advance(time.Hour)
	failed := started(t, server, "winter-2026")
	clock.Advance(4 * time.Minute)
	if err := server.Fail(failed, 3, "Execution failed; out of memory."); err != nil {
		t.Fatal(err)
	}
	pending := started(t, server, "winter-2027")
	r := command(t, "", "info", done, failed, pending)
	if r.status != exitOK || r.errOut != "" {
		t.Fatalf("%+v", r)
	}
	golden(t, "info.txt", masked(r.out, done, failed, pending))
	if r := command(t, "", "info", "--json", done, pending); r.status != exitOK || strings.Count(r.out, "\n") != 2 || !strings.Contains(r.out, `"name":"`+pending+`"`) {
		t.Errorf("%+v", r)
	}
}

// An ID that list shortens on a narrow terminal can be used.
func TestAShortenedIDIsLookedUp(t *testing.T) {
	server, _ := newEarthEngine(t)
	name := started(t, server, "export")
	id := name[strings.LastIndexByte(name, '/')+1:]
	if r := command(t, "", "info", id[:9]+"…"); r.status != exitOK || !strings.Contains(r.out, name) {
		t.Errorf("%+v", r)
	}
	if r := command(t, "", "info", "NOWHERE…"); r.status != exitFailed || !strings.Contains(r.errOut, "projects/my-project has no Operation whose ID begins with NOWHERE") {
		t.Errorf("%+v", r)
	}
	started(t, server, "another")
	if r := command(t, "", "cancel", "…"); r.status != exitUsage {
		t.Errorf("%+v", r)
	}
}

func TestCancelAll(t *testing.T) {
	server, clock := newEarthEngine(t)
	ended := started(t, server, "nightly-1")
	clock.Advance(time.Hour)
	running := started(t, server, "nightly-2")
	other := started(t, server, "weekly-1")
	names := []string{ended, running, other}
	state := func(name string) string {
		op, _ := server.Operation(name)
		return string(op.State)
	}

	t.Run("without a terminal it wants --yes", func(t *testing.T) {
		if r := command(t, "y\n", "cancel", "--all"); r.status != exitUsage || !strings.Contains(r.errOut, "2 Operations of projects/my-project would be cancelled: confirm with --yes") {
			t.Errorf("%+v", r)
		}
	})
	for _, answer := range []string{"n\r", "\r"} {
		t.Run("no answer but yes cancels", func(t *testing.T) {
			term := startTerminal(t, 80, "cancel", "--all", "--description", "nightly")
			question := term.await(`Cancel 1 Operation of projects/my-project\? \[y/N\]`)
			if !strings.Contains(question, "nightly-2") || strings.Contains(question, "nightly-1") {
				t.Errorf("%s", masked(question, names...))
			}
			term.press(answer)
			if status, _ := term.wait(); status != exitFailed || state(running) != "PENDING" {
				t.Errorf("status %d, %s", status, state(running))
			}
		})
	}
	t.Run("Ctrl-C at the question cancels nothing", func(t *testing.T) {
		term := startTerminal(t, 80, "cancel", "--all")
		term.await(`Cancel 2 Operations`)
		term.press("\x03")
		if status, _ := term.wait(); status != exitInterrupted || state(running) != "PENDING" {
			t.Errorf("status %d, %s", status, state(running))
		}
	})
	t.Run("yes does", func(t *testing.T) {
		term := startTerminal(t, 80, "cancel", "--all", "--description", "nightly")
		term.await(`Cancel 1 Operation`)
		term.press("y\r")
		if status, _ := term.wait(); status != exitOK || state(running) != "CANCELLED" || state(other) != "PENDING" {
			t.Errorf("status %d, %s and %s", status, state(running), state(other))
		}
	})
	t.Run("so does --yes, and --json prints each", func(t *testing.T) {
		r := command(t, "", "cancel", "--all", "--yes", "--json")
		if r.status != exitOK || r.out != `{"name":"`+other+`","state":"CANCELLED"}`+"\n" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("when nothing is left it says so", func(t *testing.T) {
		if r := command(t, "", "cancel", "--all"); r.status != exitOK || r.out != "projects/my-project has nothing to cancel\n" {
			t.Errorf("%+v", r)
		}
	})
}
