package main

import (
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "server")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// TestSIGTERM ends an instance as the platform does.
func TestSIGTERM(t *testing.T) {
	program := build(t)
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations")
	env := handlertest.Env(ee, ps)

	t.Run("what is under way is finished, and nothing else is accepted", func(t *testing.T) {
		for _, target := range []string{"ExportClassifier", "ExportClassifierEvent"} {
			fn := handlertest.StartCommand(t, program, target, env)
			before := len(ps.Messages("operations"))
			ee.Inject(eetest.Fault{Started: true, Delay: 500 * time.Millisecond})
			calls := ee.Count(eetest.ExportClassifier)
			answers := make(chan *handlertest.Answer, 1)
			go func() {
				m := handlertest.Message{ID: target, Data: handlertest.Fields{}.Body()}
				body, headers := m.Data, []string(nil)
				if target == "ExportClassifierEvent" {
					body, headers = m.Envelope(), m.Headers()
				}
				answer, err := fn.Send("POST", "/", body, headers...)
				if err != nil {
					t.Errorf("%s: %v", target, err)
				}
				answers <- answer
			}()
			for ee.Count(eetest.ExportClassifier) == calls {
				time.Sleep(time.Millisecond)
			}
			if err := fn.Terminate(); err != nil {
				t.Fatal(err)
			}
			waitUntilRefused(t, fn.URL)
			if answer := <-answers; answer == nil || answer.Code != http.StatusOK {
				t.Errorf("%s: answered %+v", target, answer)
			}
			if status := fn.Wait(); status != 0 {
				t.Errorf("%s: exit status %d: %s", target, status, fn.Log())
			}
			if got := len(ps.Messages("operations")) - before; got != 1 {
				t.Errorf("%s: %d messages", target, got)
			}
		}
	})
	t.Run("an instance that has served nothing ends at once", func(t *testing.T) {
		fn := handlertest.StartCommand(t, program, "ExportClassifier", env)
		if err := fn.Terminate(); err != nil {
			t.Fatal(err)
		}
		if status := fn.Wait(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}

// waitUntilRefused waits until connections are refused.
func waitUntilRefused(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Error("connections are still accepted")
}

func TestAServerWithoutSuchAFunctionFails(t *testing.T) {
	program := build(t)
	cmd := exec.Command(program)
	cmd.Env = []string{"FUNCTION_TARGET=Nothing", "PORT=0"}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Nothing") {
		t.Errorf("%v: %s", err, out)
	}
}
