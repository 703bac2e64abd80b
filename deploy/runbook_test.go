package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/eeexport/handler/handlertest"
)

// TestRunbookRedrives runs every redrive of the runbook as it is written, in
// order: the dry run, which changes nothing, and the one that sends again.
func TestRunbookRedrives(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "eeexport"), "./cmd/eeexport")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := read(t, "README.md")
	settings := regexp.MustCompile(`(?m)^export GOOGLE_CLOUD_PROJECT=.*$`).FindString(text)
	commands := regexp.MustCompile("eeexport redrive [^`\n]+").FindAllString(text, -1)

	for _, part := range []string{"failures", "dead-letters"} {
		t.Run(part, func(t *testing.T) {
			ps := handlertest.NewPubSub(t, "eeexport-requests", "eeexport-"+part)
			ps.Subscribe(t, "eeexport-"+part, "eeexport-"+part)
			attributes := map[string]string{"ce-type": "eeexport.request.failed.v1", "code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST"}
			if part == "dead-letters" {
				attributes = map[string]string{
					"CloudPubSubDeadLetterSourceSubscription":        "eeexport-requests",
					"CloudPubSubDeadLetterSourceSubscriptionProject": "my-project",
					"CloudPubSubDeadLetterSourceDeliveryCount":       "100",
				}
			}
			ps.Publish("eeexport-"+part, []byte(read(t, request)), attributes)

			ran := 0
			for _, command := range commands {
				if !strings.Contains(command, "$NAME-"+part) {
					continue
				}
				ran++
				// The queue is in memory, so one empty pull means that it is empty.
				cmd := exec.Command("bash", "-euc", settings+"\n"+command+" --settle=0s")
				cmd.Env = []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + bin, "PUBSUB_EMULATOR_HOST=" + ps.Addr()}
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s", command, err, out)
				}
				want := 1
				if strings.Contains(command, "--dry-run") {
					want = 0
				}
				if got := len(ps.Messages("eeexport-requests")); got != want {
					t.Errorf("%s: %d requests were sent again", command, got)
				}
			}
			if ran != 2 {
				t.Errorf("the runbook has %d redrives of %s", ran, part)
			}
			if left := ps.Unacknowledged(t, "eeexport-"+part); left != 0 {
				t.Errorf("%d are left", left)
			}
		})
	}
}
