package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
)

func TestList(t *testing.T) {
	server, clock := newEarthEngine(t)
	first := started(t, server, "autumn-2025")
	clock.Advance(60 * time.Hour)
	second := started(t, server, "autumn-2026")
	clock.Advance(3 * time.Hour)
	third := started(t, server, "winter-2026")
	clock.Advance(4 * time.Minute)
	if err := server.Finish(third, eetest.Failed); err != nil {
		t.Fatal(err)
	}
	fourth := started(t, server, "winter-2027")
	clock.Advance(30 * time.Second)
	names := []string{first, second, third, fourth}

	t.Run("as a table", func(t *testing.T) {
		r := command(t, "", "list")
		r.check(t, exitOK)
		golden(t, "list.txt", masked(r.out, names...))
	})
	for _, columns := range widths {
		t.Run(fmt.Sprintf("on a terminal of %d columns", columns), func(t *testing.T) {
			status, screen := startTerminal(t, columns, "list").wait()
			if status != exitOK {
				t.Fatal(screen)
			}
			golden(t, fmt.Sprintf("list-%d.txt", columns), masked(screen, names...))
		})
	}
	t.Run("with the colours of states", func(t *testing.T) {
		r := command(t, "", "list", "--color=always")
		for _, want := range []string{"\x1b[36mRUNNING\x1b[0m", "\x1b[31mFAILED\x1b[0m", "\x1b[32mSUCCEEDED\x1b[0m"} {
			if !strings.Contains(r.out, want) {
				t.Errorf("no %q in %q", want, r.out)
			}
		}
	})
	for _, tc := range []struct {
		name string
		args []string
		want string // the descriptions that are listed
	}{
		{"without filters all are listed, newest first", nil, "winter-2027 winter-2026 autumn-2026 autumn-2025"},
		{"by one state", []string{"--state", "running"}, "winter-2027"},
		{"by several states", []string{"--state", "FAILED,RUNNING"}, "winter-2027 winter-2026"},
		{"by a part of the description", []string{"--description", "Autumn"}, "autumn-2026 autumn-2025"},
		{"by all filters at once", []string{"--description", "2026", "--state", "succeeded"}, "autumn-2026"},
		{"by a type that there is none of", []string{"--type", "EXPORT_IMAGE"}, ""},
		{"of every type", []string{"--type", "all", "--description", "2025"}, "autumn-2025"},
		{"with a limit", []string{"--limit", "2"}, "winter-2027 winter-2026"},
		{"no limit", []string{"--limit", "0"}, "winter-2027 winter-2026 autumn-2026 autumn-2025"},
		{"of another project", []string{"--project", "other"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := command(t, "", append([]string{"list", "--json"}, tc.args...)...)
			var got []string
			for line := range strings.Lines(r.out) {
				var op struct{ Metadata struct{ Description string } }
				if err := json.Unmarshal([]byte(line), &op); err != nil {
					t.Fatalf("%v in %s", err, line)
				}
				got = append(got, op.Metadata.Description)
			}
			if r.status != exitOK || strings.Join(got, " ") != tc.want {
				t.Errorf("%q, want %q: %+v", got, tc.want, r)
			}
		})
	}
	t.Run("without a project there is an error", func(t *testing.T) {
		t.Setenv("GOOGLE_CLOUD_PROJECT", "")
		command(t, "", "list").check(t, exitUsage, "--project")
	})
}

func TestAnUnknownAgeIsADash(t *testing.T) {
	if got := age(time.Time{}, time.Now()); got != "-" {
		t.Errorf("got %q", got)
	}
}
