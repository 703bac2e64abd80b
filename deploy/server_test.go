package deploy_test

import (
	"debug/elf"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestTheImagesServer builds the server with the Dockerfile's own command, and runs
// it; package cmd/server tests the rest of it.
func TestTheImagesServer(t *testing.T) {
	program := filepath.Join(t.TempDir(), "server")
	build := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindStringSubmatch(read(t, "Dockerfile"))[1]
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(build, "/out/server", program))
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", build, err, out)
	}
	t.Run("it is static", func(t *testing.T) {
		file, err := elf.Open(program)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for _, p := range file.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				t.Errorf("it has a %v", p.Type)
			}
		}
	})
	t.Run("it serves the event function to the push subscription", func(t *testing.T) {
		ee := eetest.NewServer(eetest.Emulator())
		defer ee.Close()
		ps := handlertest.NewPubSub(t, "operations", "failures")
		fn := handlertest.StartCommand(t, program, "ExportClassifierEvent", handlertest.Env(ee, ps))
		// The subscription's own endpoint, and the message as Pub/Sub pushes
		// it: with no CloudEvents headers.
		push, _ := defaultPlan(t).one(t, "google_pubsub_subscription.requests").body.at("push_config")
		path := strings.TrimPrefix(push.text("push_endpoint"), "https://eeexport-event.run.app")
		message := handlertest.Message{ID: "17", Data: []byte(read(t, request))}
		for _, headers := range [][]string{
			{"Content-Type", "application/json"},
			{"Content-Type", "application/json"}, // delivered again
			// The same message as Eventarc delivers it: changing from one to
			// the other starts no export twice.
			{"Content-Type", "application/json", "Ce-Specversion", "1.0", "Ce-Id", "17",
				"Ce-Source", "//pubsub.googleapis.com" + path, "Ce-Type", "google.cloud.pubsub.topic.v1.messagePublished"},
		} {
			answer, err := fn.Send(http.MethodPost, path, message.Envelope(), headers...)
			if err != nil {
				t.Fatal(err)
			}
			if !answer.Acknowledged() {
				t.Errorf("%d: %s\n%s", answer.Code, answer.Body, fn.Log())
			}
		}
		if got := len(ee.Operations()); got != 1 {
			t.Errorf("%d exports of one message", got)
		}
		if got := len(ps.Messages("operations")); got != 3 {
			t.Errorf("%d messages", got)
		}
	})
}
