package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersionIsStampedIn runs the build that the help documents.
func TestVersionIsStampedIn(t *testing.T) {
	help := command(t, "", "version", "--help").out
	const build = `go build -ldflags "-X main.version=v1.2.3" ./cmd/eeexport`
	if !strings.Contains(help, build) {
		t.Fatalf("the help does not hold %s:\n%s", build, help)
	}
	binary := filepath.Join(t.TempDir(), "eeexport")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "-ldflags", "-X main.version=v1.2.3", ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), binary, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "eeexport v1.2.3, go1.") {
		t.Errorf("%s, %v", out, err)
	}
}

func TestVersionAsJSON(t *testing.T) {
	var got build
	if err := json.Unmarshal([]byte(command(t, "", "version", "--json").out), &got); err != nil || got.Go == "" || got.Platform == "" {
		t.Errorf("%+v, %v", got, err)
	}
}
