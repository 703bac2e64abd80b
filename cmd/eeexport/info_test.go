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
