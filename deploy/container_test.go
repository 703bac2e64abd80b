package deploy_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// instruction is one of a Dockerfile.
type instruction struct {
	name, args string
	stage      int
}

func parseDockerfile(t testing.TB) (all []instruction) {
	t.Helper()
	text := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")
	stage := -1
	for line := range strings.Lines(text) {
		name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if name == "FROM" {
			stage++
		}
		all = append(all, instruction{name, args, stage})
	}
	return all
}

func TestDockerfile(t *testing.T) {
	all := parseDockerfile(t)
	last := all[len(all)-1].stage
	var final []instruction
	for _, i := range all {
		if i.stage == last {
			final = append(final, i)
		}
	}
	t.Run("every image is pinned to a version", func(t *testing.T) {
		for _, i := range all {
			if i.name != "FROM" {
				continue
			}
			image := regexp.MustCompile(`--platform=\S+ `).ReplaceAllString(i.args, "")
			image, _, _ = strings.Cut(image, " ")
			if _, tag, _ := strings.Cut(image, ":"); tag == "" || tag == "latest" {
				t.Errorf("FROM %s", image)
			}
		}
	})
	t.Run("the last stage is distroless and has no root", func(t *testing.T) {
		if last < 1 || final[0].args != "gcr.io/distroless/static-debian12:nonroot" {
			t.Errorf("FROM %s", final[0].args)
		}
		user := slices.IndexFunc(final, func(i instruction) bool { return i.name == "USER" })
		if user < 0 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(final[user].args) {
			t.Error("USER is no number but 0")
		}
	})
	t.Run("the last stage runs nothing and holds the binary alone", func(t *testing.T) {
		for _, i := range final {
			if i.name == "RUN" || i.name == "COPY" && !strings.HasPrefix(i.args, "--from=build ") {
				t.Errorf("%s %s", i.name, i.args)
			}
		}
		var entry []string
		if err := json.Unmarshal([]byte(final[len(final)-1].args), &entry); err != nil || len(entry) != 1 {
			t.Errorf("ENTRYPOINT goes through a shell: %s", final[len(final)-1].args)
		}
	})
	t.Run("nothing is fetched by ADD, and no secret is in it", func(t *testing.T) {
		for _, i := range all {
			secret := regexp.MustCompile(`(?i)secret|token|password|credential|_key`)
			if i.name == "ADD" || (i.name == "ENV" || i.name == "ARG") && secret.MatchString(i.args) {
				t.Errorf("%s %s", i.name, i.args)
			}
		}
		for _, pattern := range []string{".git", "deploy", "**/*.tfstate*", "**/*.tfvars", "**/.env"} {
			if !slices.Contains(strings.Split(read(t, "Dockerfile.dockerignore"), "\n"), pattern) {
				t.Errorf("%s gets into the build", pattern)
			}
		}
	})
	t.Run("it has the Go of go.mod", func(t *testing.T) {
		version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
		if !strings.Contains(all[0].args, "golang:"+version) {
			t.Errorf("FROM %s, and go.mod has %s", all[0].args, version)
		}
		digits := strings.ReplaceAll(version, ".", "")
		if got := defaultPlan(t).one(t, "google_cloudfunctions2_function.http").body.blocks["build_config"][0].text("runtime"); got != "go"+digits {
			t.Errorf("the functions' runtime is %s, and go.mod has %s", got, version)
		}
	})
}

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
