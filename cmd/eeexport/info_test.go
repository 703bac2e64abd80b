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
	r.check(t, exitOK)
	golden(t, "info.txt", masked(r.out, done, failed, pending))
	command(t, "", "info", "--json", done, pending).check(t, exitOK, `"name":"`+done+`"`, "}\n{", `"name":"`+pending+`"`)
}

// An ID that list shortens on a narrow terminal can be used.
func TestAShortenedIDIsLookedUp(t *testing.T) {
	server, _ := newEarthEngine(t)
	name := started(t, server, "export")
	id := name[strings.LastIndexByte(name, '/')+1:]
	command(t, "", "info", id[:9]+"…").check(t, exitOK, name)
	command(t, "", "info", "NOWHERE…").check(t, exitFailed, "projects/my-project has no Operation whose ID begins with NOWHERE")
	started(t, server, "another")
	command(t, "", "cancel", "…").check(t, exitUsage)
}
