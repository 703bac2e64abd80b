package deploy_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// buildServer builds the server with the Dockerfile's own command.
func buildServer(t testing.TB, target string) {
	t.Helper()
	for _, i := range parseDockerfile(t) {
		if i.name != "RUN" || !strings.Contains(i.args, "go build") {
			continue
		}
		cmd := exec.Command("sh", "-c", strings.ReplaceAll(i.args, "/out/server", target))
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", i.args, err, out)
		}
		return
	}
	t.Fatal("the Dockerfile builds nothing")
}

// emptyRootVariable tells this test binary to enter a root that holds the
// server alone, and to become it.
const emptyRootVariable = "DEPLOY_EMPTY_ROOT"

// nonroot is distroless's user.
const nonroot = 65532

// enterEmptyRoot does what a container's runtime does. A caller that is not root
// cannot change the root, and runs the server where it stands, with nothing in
// its environment.
func enterEmptyRoot(root string) error {
	program := "/server"
	if os.Geteuid() != 0 {
		program = filepath.Join(root, "server")
	} else if err := becomeNobody(root); err != nil {
		return err
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, emptyRootVariable) || strings.HasPrefix(v, "PATH=") || strings.HasPrefix(v, "HOME=")
	})
	return fmt.Errorf("%s: %w", program, syscall.Exec(program, []string{program}, env))
}

func becomeNobody(root string) error {
	if err := errors.Join(syscall.Chroot(root), os.Chdir("/")); err != nil {
		return err
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nonroot), syscall.Setuid(nonroot)); err != nil {
		return err
	}
	entries, err := os.ReadDir("/")
	if err != nil || len(entries) != 1 || syscall.Setuid(0) == nil {
		return fmt.Errorf("the root holds %v, the user is %d: %v", entries, os.Getuid(), err)
	}
	return nil
}

// TestServerInAnEmptyRoot runs the image's binary as the image does: static, as
// a user without rights, and with nothing around it.
func TestServerInAnEmptyRoot(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(root, "server")
	buildServer(t, program)

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
	t.Run("no path of the build is in it", func(t *testing.T) {
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		source, err := filepath.Abs("..")
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(source+"/handler")) {
			t.Errorf("it holds %s", source)
		}
	})

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations", "failures")
	env := handlertest.With(handlertest.Env(ee, ps), map[string]string{emptyRootVariable: root})
	body := []byte(read(t, request))

	t.Run("it serves the HTTP function, and ends cleanly", func(t *testing.T) {
		fn := handlertest.StartCommand(t, self, "ExportClassifier", env)
		if answer := fn.Post(t, "/", body); answer.Code != http.StatusOK {
			t.Errorf("%d: %s\n%s", answer.Code, answer.Body, fn.Log())
		}
		if err := fn.Terminate(); err != nil {
			t.Fatal(err)
		}
		if status := fn.Wait(); status != 0 {
			t.Errorf("exit status %d: %s", status, fn.Log())
		}
	})
	t.Run("it serves the event function to the push subscription", func(t *testing.T) {
		fn := handlertest.StartCommand(t, self, "ExportClassifierEvent", env)
		before := len(ps.Messages("operations"))
		started := len(ee.Operations())

		// The subscription's own endpoint, and the message as Pub/Sub pushes
		// it: with no CloudEvents headers.
		push, _ := defaultPlan(t).one(t, "google_pubsub_subscription.requests").body.at("push_config")
		path := strings.TrimPrefix(push.text("push_endpoint"), "https://eeexport-event.run.app")
		message := handlertest.Message{ID: "17", Data: body}
		for _, headers := range [][]string{
			{"Content-Type", "application/json"},
			{"Content-Type", "application/json"}, // delivered again
			// The same message as Eventarc delivers it: whoever changes from
			// the one to the other doubles nothing.
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
		if got := len(ee.Operations()) - started; got != 1 {
			t.Errorf("%d exports of one message", got)
		}
		if got := len(ps.Messages("operations")) - before; got != 3 {
			t.Errorf("%d messages", got)
		}
	})
}
