package examples_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"example.com/eeexport/eeclient/eetest/requests"
)

// blocks has the test of each block of the README, in order.
var blocks = []struct {
	section, language string
	run               func(r *reader, text string)
}{
	{"Try it", "sh", shell("All as promised")},
	{"From your script to a request", "python", python},
	{"From your script to a request", "python", python},
	{"From your script to a request", "js", javaScript},
	{"From your script to a request", "sh", shell("valid")},
	{"From your script to a request", "sh", (*reader).local},
	{"From your script to a request", "sh", shell("projects/my-project/operations/")},
	{"From your script to a request", "sh", shell(`"name": *"projects/my-project/operations/`)},
	{"Keep task.start()", "sh", shell("")},
	{"Keep task.start()", "python", (*reader).dropIn},
	{"Train on new data at every run", "python", compiled},
	{"Train on new data at every run", "python", compiled},
	{"Train on new data at every run", "js", openPlace},
	{"Train on new data at every run", "json", (*reader).addToRequest},
	{"Train on new data at every run", "sh", shell("valid")},
	{"Schedule it", "sh", elsewhere("Cloud Scheduler is in Google Cloud alone")},
	{"Schedule it", "sh", shell(`"messageIds"`)},
	{"Receive the end", "sh", (*reader).filter},
	{"Receive the end", "python", (*reader).handle},
	{"Receive the end", "js", excerpt("node/subscriber.mjs")},
	{"Receive the end", "go", excerpt("go/onexport.go")},
	{"Receive the end", "sh", (*reader).subscriber},
	{"Receive the end", "sh", elsewhere("not every machine that runs the tests has Python's packages")},
	{"When something fails", "json", (*reader).answer},
	{"Functions and settings", "sh", elsewhere("it would run this test")},
}

// reader is somebody who pastes from the README.
type reader struct {
	*testing.T
	dir      string // where they are
	env      []string
	replace  *strings.Replacer // for what is elsewhere in the test
	endpoint string            // of ExportClassifier
	pubsub   string            // host:port
}

func TestREADME(t *testing.T) {
	text := read(t, "../../README.md")
	fence := regexp.MustCompile("(?ms)^(?:## (.*?)$|```(\\w+)\n(.*?)^```$)")
	_, err := os.Stat("node/node_modules")
	if !needs(t, found("bash") && found("curl") && found("python3") && found("node") && err == nil, "bash, curl, python3, or Node with the packages of node/package.json") {
		return
	}
	bin := filepath.Join(t.TempDir(), "eeexport")
	run(t, "../..", nil, "go", "build", "-o", bin, "./cmd/eeexport")
	r := &reader{T: t, dir: t.TempDir()}
	r.env = []string{"EEEXPORT_TOKEN=", "EEEXPORT_URL=", "METADATA_SERVER_DETECTION=none"}
	r.replace = strings.NewReplacer("go run ./cmd/eeexport", bin, "deploy/examples/", absolute(t, ".")+"/")
	section, next := "", 0
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			section = m[1]
			continue
		}
		if next == len(blocks) || blocks[next].section != section || blocks[next].language != m[2] {
			t.Fatalf("the block %d, of %s in %q, is not run:\n%s", next, m[2], section, m[3])
		}
		blocks[next].run(r, m[3])
		next++
	}
	if next != len(blocks) {
		t.Errorf("%d blocks, want %d", next, len(blocks))
	}
}

// shell pastes commands, whose output must match. A function replaces gcloud and
// prints an ID token, which local ignores.
func shell(want string) func(*reader, string) {
	return func(r *reader, text string) {
		r.Helper()
		out := run(r.T, r.dir, r.env, "bash", "-euo", "pipefail", "-c", "gcloud() { echo token; }\n"+r.replace.Replace(text))
		if !regexp.MustCompile(want).MatchString(out) {
			r.Errorf("%s\nprinted\n%s", text, out)
		}
	}
}

// elsewhere skips a block that cannot run here, for a reason.
func elsewhere(reason string) func(*reader, string) {
	return func(r *reader, text string) { r.Logf("not run, since %s:\n%s", reason, text) }
}

// excerpt is a part of an example that another test runs.
func excerpt(file string) func(*reader, string) {
	return func(r *reader, text string) {
		r.Helper()
		if !strings.Contains(read(r.T, file), text) {
			r.Errorf("%s does not hold\n%s", file, text)
		}
	}
}

// local starts eeexport local on free ports.
func (r *reader) local(text string) {
	var out output
	args := strings.Fields(r.replace.Replace(text))
	for _, port := range []string{"--http-port", "--event-port", "--watch-port", "--pubsub-port", "--earthengine-port"} {
		args = append(args, port, "0")
	}
	cmd := command(r.T, r.dir, r.env, args[0], append(args[1:], "--console", "127.0.0.1:0", "--speed", "1e5", "--tick", "50ms")...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // as a reader ends it
	})
	await(r.T, "local that is ready", func() bool { return strings.Contains(out.String(), "ready") })
	address := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + name + ` +(?:http://)?(127\.0\.0\.1:\d+)`).FindStringSubmatch(out.String())
		if m == nil {
			r.Fatalf("no %s in %s", name, out.String())
		}
		return m[1]
	}
	r.pubsub, r.endpoint = address("Pub/Sub"), "http://"+address("ExportClassifier")
	r.env = append(r.env, "EEEXPORT_URL="+r.endpoint)
	r.replace = strings.NewReplacer("go run ./cmd/eeexport", args[0], "deploy/examples/", absolute(r.T, ".")+"/",
		"127.0.0.1:8080", strings.TrimPrefix(r.endpoint, "http://"), "127.0.0.1:8085", r.pubsub)
}

// filter checks that a subscription can have the filter.
func (r *reader) filter(text string) {
	conn, err := grpc.NewClient(r.pubsub, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		r.Fatal(err)
	}
	defer conn.Close()
	filter := regexp.MustCompile(`--message-filter='(.*)'`).FindStringSubmatch(text)[1]
	if _, err := pubsubpb.NewSubscriberClient(conn).CreateSubscription(r.Context(), &pubsubpb.Subscription{
		Name: "projects/my-project/subscriptions/ready", Topic: "projects/my-project/topics/completions", Filter: filter,
	}); err != nil {
		r.Error(err)
	}
}

// answer checks that the error shown is what the function answers.
func (r *reader) answer(text string) {
	request := `{"priority":10000,"requestId":"landcover-1",` + strings.TrimPrefix(string(requests.Get(requests.RandomForest)), "{")
	request = regexp.MustCompile(`"requestId": "[^"]*"`).ReplaceAllString(request, `"workloadTag": ""`)
	cmd := command(r.T, r.dir, nil, "curl", "-sS", "--json", "@-", r.endpoint)
	cmd.Stdin = strings.NewReader(request)
	out, err := cmd.Output()
	if err != nil {
		r.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(out, &got); err != nil {
		r.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		r.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		r.Errorf("answered\n%s, and the README says\n%s", out, text)
	}
}
