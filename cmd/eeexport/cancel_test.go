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

	command(t, "", "cancel", pending, running).check(t, exitOK, pending+": CANCELLED\n"+running+": CANCELLING\n")
	const nowhere = "projects/my-project/operations/NOWHERE"
	command(t, "", "cancel", ended, "NOWHERE", pending).check(t, exitFailed,
		pending+": CANCELLED\n", ended+": it had ended: SUCCEEDED\n", nowhere+": 404 NOT_FOUND: ")
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

	t.Run("without a terminal it requires --yes", func(t *testing.T) {
		command(t, "y\n", "cancel", "--all").check(t, exitUsage, "2 Operations of projects/my-project would be cancelled: confirm with --yes")
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
		command(t, "", "cancel", "--all", "--yes", "--json").check(t, exitOK, `{"name":"`+other+`","state":"CANCELLED"}`+"\n")
	})
	t.Run("when nothing is left it says so", func(t *testing.T) {
		command(t, "", "cancel", "--all").check(t, exitOK, "projects/my-project has nothing to cancel\n")
	})
}
