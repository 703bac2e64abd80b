package main

import (
	"strings"
	"testing"
	"time"
)

func TestCancel(t *testing.T) {
	server, clock := newEarthEngine(t)
	ended := started(t, server, "ended")
	clock.Advance(time.Hour)
	running := started(t, server, "running")
	clock.Advance(time.Minute)
	pending := started(t, server, "pending")

	r := command(t, "", "cancel", pending, running)
	if r.status != exitOK || r.out != pending+": CANCELLED\n"+running+": CANCELLING\n" {
		t.Errorf("%+v", r)
	}
	const nowhere = "projects/my-project/operations/NOWHERE"
	r = command(t, "", "cancel", ended, "NOWHERE", pending)
	if r.status != exitFailed || r.out != pending+": CANCELLED\n" ||
		!strings.Contains(r.errOut, ended+": it had ended: SUCCEEDED\n") || !strings.Contains(r.errOut, nowhere+": 404 NOT_FOUND: ") {
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
