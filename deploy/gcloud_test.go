package deploy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stateVariable names the folder where the fake gcloud keeps its cloud.
const stateVariable = "FAKE_GCLOUD_STATE"

// cloud is what the fake gcloud has made, and what it was called with.
type cloud struct {
	dir string
	// Resources are the labels of what is there, by kind and name.
	Resources map[string]string
	Grants    map[string]bool
	Calls     [][]string
}

func openCloud(dir string) (*cloud, error) {
	c := &cloud{dir: dir, Resources: map[string]string{}, Grants: map[string]bool{}}
	text, err := os.ReadFile(filepath.Join(dir, "cloud.json"))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	} else if err != nil {
		return nil, err
	}
	return c, json.Unmarshal(text, c)
}

func (c *cloud) save() error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.dir, "cloud.json"), text, 0o600)
}

// command is one call of gcloud, taken apart.
type command struct {
	words []string
	flags map[string]string
}

func parseCommand(args []string) command {
	c := command{flags: map[string]string{}}
	for _, arg := range args {
		if name, ok := strings.CutPrefix(arg, "--"); ok {
			name, value, _ := strings.Cut(name, "=")
			c.flags[name] = value
		} else if arg != "beta" {
			c.words = append(c.words, arg)
		}
	}
	return c
}

// verbs are what gcloud is asked to do; the words before name the kind of
// resource, and the one after the resource.
var verbs = []string{"describe", "list", "create", "deploy", "enable", "get-iam-policy", "add-iam-policy-binding"}

func (c command) split() (kind, verb, name string) {
	i := slices.IndexFunc(c.words, func(w string) bool { return slices.Contains(verbs, w) })
	if i < 0 {
		return strings.Join(c.words, " "), "", ""
	}
	rest := c.words[i+1:]
	if c.words[0] == "scheduler" && c.words[i] == "create" {
		rest = rest[1:] // create http
	}
	if len(rest) > 0 {
		name = rest[0]
	}
	return strings.Join(c.words[:i], " "), c.words[i], name
}

// changes tells whether a call makes or changes something.
func (c command) changes() bool {
	_, verb, _ := c.split()
	return !slices.Contains([]string{"describe", "list", "get-iam-policy"}, verb)
}

// fakeGcloud is gcloud on a cloud of its own. It is strict where the real one
// is: what is used must exist, and what is made must not.
func fakeGcloud(args []string, out, errOut io.Writer) int {
	c, err := openCloud(os.Getenv(stateVariable))
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	c.Calls = append(c.Calls, args)
	code := 0
	if err := c.do(parseCommand(args), out); err != nil {
		fmt.Fprintf(errOut, "ERROR: (gcloud) %v\n", err)
		code = 1
	}
	if err := c.save(); err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	return code
}

func (c *cloud) do(cmd command, out io.Writer) error {
	kind, verb, name := cmd.split()
	address := kind + " " + name
	labels, exists := c.Resources[address]
	exists = exists || kind == "projects" || kind == "secrets"
	notFound := fmt.Errorf("NOT_FOUND: %s", address)
	switch verb {
	case "describe":
		switch format := cmd.flags["format"]; {
		case !exists:
			return notFound
		case kind == "projects":
			fmt.Fprintln(out, "123456789")
		case format == "value(serviceConfig.uri)":
			fmt.Fprintf(out, "https://%s-abc-uc.a.run.app\n", name)
		case format == "value(labels.eeexport-config)":
			fmt.Fprintln(out, labels[strings.LastIndex(labels, "=")+1:])
		default:
			fmt.Fprintln(out, name)
		}
	case "list":
		for address := range c.Resources {
			if api, ok := strings.CutPrefix(address, "services "); ok {
				fmt.Fprintln(out, api)
			}
		}
	case "enable":
		for _, api := range cmd.words[2:] {
			c.Resources["services "+api] = ""
		}
	case "create":
		if kind == "services identity" {
			address = "services identity " + cmd.flags["service"]
		}
		for _, topic := range []string{cmd.flags["topic"], cmd.flags["dead-letter-topic"]} {
			if _, ok := c.Resources["pubsub topics "+topic]; topic != "" && !ok {
				return fmt.Errorf("NOT_FOUND: topic %s", topic)
			}
		}
		if exists {
			return fmt.Errorf("ALREADY_EXISTS: %s", address)
		}
		if kind == "iam service-accounts" {
			address += "@" + cmd.flags["project"] + ".iam.gserviceaccount.com"
		}
		c.Resources[address] = cmd.flags["labels"]
	case "deploy":
		c.Resources[address] = cmd.flags["update-labels"]
		c.Resources["run services "+name] = ""
	case "get-iam-policy":
		if !exists {
			return notFound
		}
		filter := regexp.MustCompile(`bindings.role="(.*)" AND bindings.members="(.*)"`).FindStringSubmatch(cmd.flags["filter"])
		if filter != nil && c.Grants[filter[2]+" "+filter[1]+" "+address] {
			fmt.Fprintln(out, filter[1])
		}
	case "add-iam-policy-binding":
		if !exists {
			return notFound
		}
		c.Grants[cmd.flags["member"]+" "+cmd.flags["role"]+" "+address] = true
	default:
		return fmt.Errorf("unknown command %v", cmd.words)
	}
	return nil
}

// script runs gcloud.sh with the fake gcloud, and returns the calls that it
// made.
type script struct {
	t   *testing.T
	bin string
	dir string
}

func newScript(t *testing.T) *script {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t, t.TempDir(), t.TempDir()}
	if err := os.Symlink(self, filepath.Join(s.bin, "gcloud")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *script) run(stdin string, args ...string) (output string, code int, calls []command) {
	s.t.Helper()
	before, err := openCloud(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("bash", append([]string{"gcloud.sh"}, args...)...)
	cmd.Env = []string{
		"PATH=" + s.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + s.dir, stateVariable + "=" + s.dir,
		"GORACE=atexit_sleep_ms=0", // or each of the fake's calls takes a second under the race detector
	}
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	after, err := openCloud(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, args := range after.Calls[len(before.Calls):] {
		calls = append(calls, parseCommand(args))
	}
	return out.String(), cmd.ProcessState.ExitCode(), calls
}

func changing(calls []command) (changes []command) {
	for _, c := range calls {
		if c.changes() {
			changes = append(changes, c)
		}
	}
	return changes
}

// everyOption asks the script for what [everything] asks Terraform for, but for
// what it does not have.
var everyOption = []string{
	"--project", "my-project", "--settle", "0",
	"--allowed-projects", "my-project,other-project,*",
	"--allowed-assets", "projects/my-project/assets/models,projects/other-project/assets",
	"--invoker", "user:ann@example.com",
	"--publisher", "serviceAccount:producer@my-project.iam.gserviceaccount.com",
	"--webhook-secret", "eeexport-webhook", "--public",
	"--schedule", "nightly", "0 3 * * *", request,
}

func TestGcloudScript(t *testing.T) {
	s := newScript(t)

	output, code, calls := s.run("", append(everyOption, "--dry-run")...)
	if code != 0 || len(changing(calls)) > 0 || !strings.Contains(output, "gcloud functions deploy eeexport-http") {
		t.Fatalf("a dry run ended with %d, changed %v and said:\n%s", code, changing(calls), output)
	}
	output, code, calls = s.run("n\n", everyOption...)
	if code != 1 || len(changing(calls)) > 0 || !strings.Contains(output, "Nothing was done") {
		t.Fatalf("a no ended with %d, changed %v and said:\n%s", code, changing(calls), output)
	}
	if output, code, calls = s.run("", everyOption...); code != 1 || len(changing(calls)) > 0 {
		t.Fatalf("without an answer it ended with %d, changed %v and said:\n%s", code, changing(calls), output)
	}

	output, code, first := s.run("y\n", everyOption...)
	if code != 0 || !strings.Contains(output, "Done. ExportClassifier is at https://eeexport-http-abc-uc.a.run.app") {
		t.Fatalf("it ended with %d: %s", code, output)
	}
	t.Run("what is printed is what is done", func(t *testing.T) {
		for _, c := range changing(first) {
			kind, verb, name := c.split()
			if !strings.Contains(output, strings.TrimSpace("gcloud "+kind+" "+verb)) && kind != "services identity" && kind != "scheduler jobs" {
				t.Errorf("%s %s %s was not printed", kind, verb, name)
			}
		}
		if want := strings.Count(output, "\n  "); strings.Count(output, "\n+ ") != want {
			t.Errorf("%d commands were announced, %d done", want, strings.Count(output, "\n+ "))
		}
	})
	t.Run("no place is left open", func(t *testing.T) {
		for _, c := range first {
			for name, value := range c.flags {
				if strings.Contains(value, "URL-OF") {
					t.Errorf("%v: --%s=%s", c.words, name, value)
				}
			}
		}
	})
	t.Run("a second run makes nothing", func(t *testing.T) {
		output, code, calls := s.run("", append(everyOption, "--yes")...)
		if code != 0 || len(changing(calls)) > 0 || !strings.Contains(output, "Nothing to do") {
			t.Errorf("it ended with %d, changed %v and said:\n%s", code, changing(calls), output)
		}
	})
	t.Run("a setting that changes deploys the functions that have it, and nothing else", func(t *testing.T) {
		_, code, calls := s.run("", append(everyOption, "--yes", "--expression-check", "structure")...)
		var deployed []string
		for _, c := range changing(calls) {
			kind, verb, name := c.split()
			deployed = append(deployed, strings.Join([]string{kind, verb, name}, " "))
		}
		want := []string{"functions deploy eeexport-http", "functions deploy eeexport-event", "functions deploy eeexport-webhook"}
		if code != 0 || !slices.Equal(deployed, want) {
			t.Errorf("it ended with %d and did %v", code, deployed)
		}
	})
	t.Run("what has gone is made again, and nothing else", func(t *testing.T) {
		c, err := openCloud(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		delete(c.Resources, "pubsub subscriptions eeexport-pending")
		if err := c.save(); err != nil {
			t.Fatal(err)
		}
		_, _, calls := s.run("", append(everyOption, "--yes", "--expression-check", "structure")...)
		changes := changing(calls) // the subscription, and the grant that went with it
		if len(changes) != 2 || changes[0].words[3] != "eeexport-pending" || changes[1].words[3] != "eeexport-pending" {
			t.Errorf("it did %v", changes)
		}
	})
}

func TestGcloudScriptRefuses(t *testing.T) {
	withID := filepath.Join(t.TempDir(), "with-id.json")
	if err := os.WriteFile(withID, []byte(`{"request_id" : "a"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
	}{
		{"no project", []string{"--yes"}},
		{"a project's full name", []string{"--project", "projects/my-project"}},
		{"an option that it does not know", []string{"--project", "my-project", "--force"}},
		{"an option without its value", []string{"--project"}},
		{"a zone", []string{"--project", "my-project", "--region", "us-central1-a"}},
		{"a name that is too long", []string{"--project", "my-project", "--name", "a-name-of-21-letters1"}},
		{"public without a secret", []string{"--project", "my-project", "--public"}},
		{"the secret itself", []string{"--project", "my-project", "--webhook-secret", "whsec_c2VjcmV0"}},
		{"everybody as an invoker", []string{"--project", "my-project", "--invoker", "allUsers"}},
		{"everybody as a publisher", []string{"--project", "my-project", "--publisher", "allAuthenticatedUsers"}},
		{"a level that is none", []string{"--project", "my-project", "--expression-check", "lax"}},
		{"a schedule without a file", []string{"--project", "my-project", "--schedule", "nightly", "0 3 * * *", "none.json"}},
		{"half a schedule", []string{"--project", "my-project", "--schedule", "nightly"}},
		{"a request ID that every run would share", []string{"--project", "my-project", "--schedule", "nightly", "0 3 * * *", withID}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if output, code, calls := newScript(t).run("y\n", tc.args...); code != 2 || len(calls) > 0 {
				t.Errorf("it ended with %d, called %v and said:\n%s", code, calls, output)
			}
		})
	}
}

// TestGcloudScriptMakesWhatTerraformMakes compares the two.
func TestGcloudScriptMakesWhatTerraformMakes(t *testing.T) {
	values := maps.Clone(everything)
	for _, only := range []string{"operators", "earth_engine_endpoint", "otlp_endpoint"} {
		delete(values, only)
	}
	made := planModule(t, moduleDir, given(t, values))
	output, code, calls := newScript(t).run("", append(everyOption, "--yes")...)
	if code != 0 {
		t.Fatalf("it ended with %d: %s", code, output)
	}
	byAddress := map[string]command{}
	var grants []string
	for _, c := range changing(calls) {
		kind, verb, name := c.split()
		if verb == "add-iam-policy-binding" {
			grants = append(grants, fmt.Sprintf("%s %s %s", c.flags["member"], c.flags["role"], strings.TrimSuffix(name, "@my-project.iam.gserviceaccount.com")))
		} else {
			byAddress[kind+" "+name] = c
		}
	}

	t.Run("the grants", func(t *testing.T) {
		slices.Sort(grants)
		if want := made.grants(); !slices.Equal(grants, want) {
			t.Errorf("granted:\n%s\nTerraform grants:\n%s", strings.Join(grants, "\n"), strings.Join(want, "\n"))
		}
	})
	t.Run("the functions", func(t *testing.T) {
		ingress := map[string]string{"all": "ALLOW_ALL", "internal-only": "ALLOW_INTERNAL_ONLY"}
		for _, f := range made.ofType("google_cloudfunctions2_function") {
			c, ok := byAddress["functions "+f.body.text("name")]
			if !ok {
				t.Errorf("%s is not deployed", f.body.text("name"))
				continue
			}
			env := map[string]string{}
			for _, pair := range strings.Split(strings.TrimPrefix(c.flags["set-env-vars"], "^;^"), ";") {
				name, value, _ := strings.Cut(pair, "=")
				env[name] = value
			}
			if name, value, ok := strings.Cut(c.flags["set-secrets"], "="); ok {
				env[name] = value
			}
			if !maps.Equal(env, f.environment()) {
				t.Errorf("%s: environment %v, Terraform's %v", f.name, env, f.environment())
			}
			service, _ := f.body.at("service_config")
			build, _ := f.body.at("build_config")
			for flag, want := range map[string]string{
				"entry-point":           build.text("entry_point"),
				"runtime":               build.text("runtime"),
				"run-service-account":   service.text("service_account_email"),
				"build-service-account": "projects/my-project/serviceAccounts/" + build.text("service_account") + "@my-project.iam.gserviceaccount.com",
				"max-instances":         service.text("max_instance_count"),
				"concurrency":           service.text("max_instance_request_concurrency"),
				"cpu":                   service.text("available_cpu"),
				"memory":                service.text("available_memory"),
				"timeout":               service.text("timeout_seconds") + "s",
			} {
				if got := c.flags[flag]; got != want {
					t.Errorf("%s: --%s=%s, Terraform's is %s", f.name, flag, got, want)
				}
			}
			if got := ingress[c.flags["ingress-settings"]]; got != service.text("ingress_settings") {
				t.Errorf("%s: %s, Terraform's is %s", f.name, got, service.text("ingress_settings"))
			}
		}
	})
	t.Run("the topics and subscriptions", func(t *testing.T) {
		for _, topic := range made.ofType("google_pubsub_topic") {
			if _, ok := byAddress["pubsub topics "+topic.body.text("name")]; !ok {
				t.Errorf("there is no topic %s", topic.body.text("name"))
			}
		}
		for _, s := range made.ofType("google_pubsub_subscription") {
			c := byAddress["pubsub subscriptions "+s.body.text("name")]
			retry, _ := s.body.at("retry_policy")
			dead, _ := s.body.at("dead_letter_policy")
			push, _ := s.body.at("push_config")
			token, _ := s.body.at("push_config", "oidc_token")
			for flag, want := range map[string]string{
				"topic":                      filepath.Base(s.body.text("topic")),
				"ack-deadline":               s.body.text("ack_deadline_seconds"),
				"min-retry-delay":            retry.text("minimum_backoff"),
				"max-retry-delay":            retry.text("maximum_backoff"),
				"max-delivery-attempts":      dead.text("max_delivery_attempts"),
				"push-endpoint":              strings.Replace(push.text("push_endpoint"), ".run.app", "-abc-uc.a.run.app", 1),
				"push-auth-service-account":  token.text("service_account_email"),
				"push-auth-token-audience":   strings.Replace(token.text("audience"), ".run.app", "-abc-uc.a.run.app", 1),
				"message-retention-duration": "31d",
				"expiration-period":          "never",
			} {
				if got := c.flags[flag]; got != want {
					t.Errorf("%s: --%s=%s, Terraform's is %s", s.body.text("name"), flag, got, want)
				}
			}
		}
	})
	t.Run("the jobs", func(t *testing.T) {
		for _, job := range made.ofType("google_cloud_scheduler_job") {
			c := byAddress["scheduler jobs "+job.body.text("name")]
			target, _ := job.body.at("http_target")
			token, _ := job.body.at("http_target", "oidc_token")
			retry, _ := job.body.at("retry_config")
			for flag, want := range map[string]string{
				"schedule":                   job.body.text("schedule"),
				"time-zone":                  job.body.text("time_zone"),
				"attempt-deadline":           job.body.text("attempt_deadline"),
				"max-retry-attempts":         retry.text("retry_count"),
				"min-backoff":                retry.text("min_backoff_duration"),
				"max-backoff":                retry.text("max_backoff_duration"),
				"max-retry-duration":         retry.text("max_retry_duration"),
				"uri":                        strings.Replace(target.text("uri"), ".run.app", "-abc-uc.a.run.app", 1),
				"oidc-service-account-email": token.text("service_account_email"),
			} {
				if got := c.flags[flag]; got != want {
					t.Errorf("%s: --%s=%s, Terraform's is %s", job.body.text("name"), flag, got, want)
				}
			}
		}
	})
}
