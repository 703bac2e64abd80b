package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// What differs from run to run: names, ports, times, and which of an
// Operation's states were seen on its way. How a violation is worded does not
// matter to the demo.
var (
	operationName = regexp.MustCompile(`\b[A-Z0-9]{24}\b`)
	loopbackPort  = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	duration      = regexp.MustCompile(`in [0-9.m]+s\.`)
	description   = regexp.MustCompile(`(?m)^       .*$`)
	onItsWay      = regexp.MustCompile(`(?m)^.*: (PENDING|RUNNING, \d+ %)\n`)
)

func TestDemo(t *testing.T) {
	t.Parallel()
	r := command(t, "", "demo", "--verbose")
	if r.status != exitOK {
		t.Fatalf("%d %s%s", r.status, r.out, r.errOut)
	}
	// The functions' log is apart from the output, and reports only the request
	// that is refused.
	for _, function := range []string{"ExportClassifier", "ExportClassifierEvent", "WatchOperations"} {
		if !strings.Contains(r.errOut, function+`: {"time":`) {
			t.Errorf("%s has no line in the log:\n%s", function, r.errOut)
		}
	}
	if strings.Contains(r.errOut, `"severity":"ERROR"`) {
		t.Errorf("an error is in the log:\n%s", r.errOut)
	}
	names := map[string]string{}
	out := operationName.ReplaceAllStringFunc(onItsWay.ReplaceAllString(r.out, ""), func(name string) string {
		if names[name] == "" {
			names[name] = "OPERATION-" + string(rune('A'+len(names)))
		}
		return names[name]
	})
	out = description.ReplaceAllString(out, "       DESCRIPTION")
	out = duration.ReplaceAllString(loopbackPort.ReplaceAllString(out, "127.0.0.1:PORT"), "in TIME.")
	if len(names) != 2 {
		t.Errorf("%d Operations", len(names))
	}
	golden(t, "demo.txt", out)
}

func TestDemoFails(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		env  string
		want string
	}{
		{"if an Operation cannot be published", "OPERATIONS_TOPIC=nowhere", "step 1, A random forest, by HTTP: 503 UNAVAILABLE"},
		{"if what it sends is not allowed", "ALLOWED_ASSETS=projects/my-project/assets/random-forest-trained", "step 2, An ensemble of decision trees, by a Pub/Sub event: "},
		{"if ends cannot be published", "COMPLETIONS_TOPIC=nowhere", "step 1, A random forest, by HTTP: WatchOperations: answered 503: {"},
		{"if the watcher looks elsewhere", "PENDING_SUBSCRIPTION=nowhere", "step 1, A random forest, by HTTP: WatchOperations: answered 503: {"},
		{"if what cannot be exported is let through", "EXPRESSION_CHECK=structure", "step 3, A support vector machine, which Earth Engine cannot export: it was not refused: {"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out, errOut bytes.Buffer
			cfg := local.Config{Project: requests.Project, Speed: demoSpeed, Env: []string{tc.env}}
			err := runDemo(t.Context(), cfg, tty.NewWriter(&out), tty.NewWriter(&errOut))
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("%v\n%s", err, &out)
			}
			log, found := strings.CutPrefix(errOut.String(), "The functions' log:\n")
			if !found || !strings.Contains(log, `ExportClassifier: {"time":`) {
				t.Errorf("the log is not shown: %s", &errOut)
			}
		})
	}
}
