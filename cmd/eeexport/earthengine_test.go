package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

// tomorrow is ahead of this machine's clock, so that the times shown are
// Earth Engine's alone.
var tomorrow = time.Date(2100, 1, 1, 8, 0, 0, 0, time.UTC)

// newEarthEngine starts an Earth Engine whose clock stands still, and points the
// command at it.
func newEarthEngine(t *testing.T) (*eetest.Server, *eetest.Clock) {
	t.Helper()
	clock := eetest.NewClock(tomorrow)
	server := eetest.NewServer(eetest.Emulator(), eetest.WithClock(clock))
	t.Cleanup(server.Close)
	t.Setenv("EARTHENGINE_EMULATOR_HOST", server.Host())
	t.Setenv("GOOGLE_CLOUD_PROJECT", requests.Project)
	return server, clock
}

// started starts an export and returns the name of its Operation.
func started(t *testing.T, server *eetest.Server, description string) string {
	t.Helper()
	request, err := parseEnvelope([]byte(anonymous(t, requests.Cart)))
	if err != nil {
		t.Fatal(err)
	}
	body := request.without(projectField).with([]string{"description"}, description).bytes()
	body = bytes.ReplaceAll(body, []byte("assets/cart-trained"), []byte("assets/"+description))
	resp, err := http.Post(server.URL+"/v1beta/projects/"+requests.Project+"/classifier:export", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var op struct{ Name string }
	if err := json.NewDecoder(resp.Body).Decode(&op); err != nil || op.Name == "" {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return op.Name
}

// masked replaces the IDs of Operations, which differ from run to run, by text
// of the same width; also where they are cut short.
func masked(text string, names ...string) string {
	const mask = "OPERATION-MASKEDMASKED"
	for i, name := range names {
		id := name[strings.LastIndexByte(name, '/')+1:]
		letter := string(rune('A' + i))
		text = strings.ReplaceAll(text, id, mask+"-"+letter)
		for n := len(id) - 1; n > 5; n-- {
			text = strings.ReplaceAll(text, id[:n]+"…", mask[:n-2]+"-"+letter+"…")
		}
	}
	return text
}
