package deploy_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/outcome"
	decode "example.com/eeexport/handler/request"
)

const (
	moduleDir  = "terraform"
	exampleDir = "terraform/examples/basic"
	request    = exampleDir + "/request.json"
)

// earthEngineConcurrency is how many requests Earth Engine serves a project at
// once (https://developers.google.com/earth-engine/guides/usage).
const earthEngineConcurrency = 40

// given reads the values of variables, each an HCL expression.
func given(t testing.TB, values map[string]string) map[string]cty.Value {
	t.Helper()
	all := map[string]cty.Value{}
	for name, text := range values {
		all[name] = expr(t, text)
	}
	return all
}

func expr(t testing.TB, text string) cty.Value {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(text), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

// defaultPlan is the module with nothing but a project.
func defaultPlan(t testing.TB) plan {
	t.Helper()
	return planModule(t, moduleDir, given(t, map[string]string{"project": `"my-project"`}))
}

// fullPlan is the module with everything that can be asked for.
func fullPlan(t testing.TB) plan {
	t.Helper()
	return planModule(t, moduleDir, given(t, everything))
}

var everything = map[string]string{
	"project":               `"my-project"`,
	"allowed_projects":      `["my-project", "other-project", "*"]`,
	"allowed_assets":        `["projects/my-project/assets/models", "projects/other-project/assets"]`,
	"earth_engine_endpoint": `"https://earthengine-highvolume.googleapis.com"`,
	"otlp_endpoint":         `"https://collector.example.com:4318"`,
	"invokers":              `["user:ann@example.com"]`,
	"publishers":            `["serviceAccount:producer@my-project.iam.gserviceaccount.com"]`,
	"operators":             `["group:operators@example.com"]`,
	"webhook_secret":        `"eeexport-webhook"`,
	"public":                `true`,
	"alert_emails":          `["ann@example.com"]`,
	"notification_channels": `["projects/my-project/notificationChannels/1"]`,
	"schedules":             `{ nightly = { cron = "0 3 * * *", request_file = "` + request + `" } }`,
}

func TestTerraformIsFormatted(t *testing.T) {
	for _, dir := range []string{moduleDir, exampleDir} {
		for name, text := range parseModule(t, dir).files {
			if string(hclwrite.Format(text)) != string(text) {
				t.Errorf("terraform fmt would change %s", name)
			}
		}
	}
}

func TestVariablesAndOutputs(t *testing.T) {
	for _, dir := range []string{moduleDir, exampleDir} {
		m := parseModule(t, dir)
		for _, b := range append(m.all("variable"), m.all("output")...) {
			if d := b.Body.Attributes["description"]; d == nil {
				t.Errorf("%s: %s %s has no description", dir, b.Type, b.Labels[0])
			} else if v, diags := d.Expr.Value(nil); diags.HasErrors() || len(v.AsString()) < 15 {
				t.Errorf("%s: the description of %s %s says nothing", dir, b.Type, b.Labels[0])
			}
		}
		for _, b := range m.all("variable") {
			if b.Body.Attributes["type"] == nil {
				t.Errorf("%s: variable %s has no type", dir, b.Labels[0])
			}
			validated := slices.ContainsFunc(b.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "validation" })
			// A boolean or a list of labels has no wrong value of its own.
			if dir == moduleDir && !validated {
				t.Errorf("variable %s is not validated", b.Labels[0])
			}
		}
	}
}

// TestValues is what the variables take and refuse.
func TestValues(t *testing.T) {
	m := parseModule(t, moduleDir)
	nightly := func(change string) string {
		return `{ nightly = merge({ cron = "0 3 * * *", request_file = "` + request + `" }, { ` + change + ` }) }`
	}
	withID := filepath.Join(t.TempDir(), "with-id.json")
	if err := os.WriteFile(withID, []byte(`{"requestId": "a"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(large, []byte(`"`+strings.Repeat("x", 1_000_000)+`"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, variable, value string
		with                  map[string]string
		ok                    bool
	}{
		{name: "a project's ID", variable: "project", value: `"my-project"`, ok: true},
		{name: "a project's full name", variable: "project", value: `"projects/my-project"`},
		{name: "a project's number", variable: "project", value: `"123456789"`},
		{name: "a zone is no region", variable: "region", value: `"us-central1-a"`},
		{name: "a long name leaves no room for an account's", variable: "name", value: `"a-name-of-21-letters1"`},
		{name: "a label in capitals", variable: "labels", value: `{ Team = "x" }`},

		{name: "projects, and any", variable: "allowed_projects", value: `["my-project", "projects/other-project", "*"]`, ok: true},
		{name: "two projects in one", variable: "allowed_projects", value: `["my-project,other-project"]`},
		{name: "an asset's folder", variable: "allowed_assets", value: `["projects/p/assets/models"]`, ok: true},
		{name: "no asset", variable: "allowed_assets", value: `["models"]`},
		{name: "a level that is none", variable: "expression_check", value: `"lax"`},
		{name: "no room for a request", variable: "max_request_bytes", value: `0`},
		{name: "half a byte", variable: "max_request_bytes", value: `2000.5`},
		{name: "tokens over plain HTTP", variable: "earth_engine_endpoint", value: `"http://earthengine.googleapis.com"`},
		{name: "a password in a URL", variable: "earth_engine_endpoint", value: `"https://me:secret@example.com"`},

		{name: "the default bounds", variable: "bounds", value: `{}`, ok: true},
		{name: "one instance more is above the quota", variable: "bounds", value: `{ event_instances = 3 }`},
		{name: "one request more is above the quota", variable: "bounds", value: `{ http_concurrency = 3 }`},
		{name: "one call of the watcher's more is above the quota", variable: "bounds", value: `{ watcher_calls = 21 }`},
		{name: "more where Google has raised the quota", variable: "bounds", value: `{ event_instances = 10 }`, with: map[string]string{"earth_engine_concurrency": "200"}, ok: true},
		{name: "no instance", variable: "bounds", value: `{ http_instances = 0 }`},
		{name: "half an instance", variable: "bounds", value: `{ http_instances = 0.5 }`},
		{name: "a timeout above the acknowledgement deadline", variable: "timeout_seconds", value: `600`},
		{name: "memory in decimal", variable: "memory", value: `"1G"`},
		{name: "attempts that Pub/Sub does not count to", variable: "max_delivery_attempts", value: `101`},
		{name: "longer than Pub/Sub keeps", variable: "retention_days", value: `32`},
		{name: "not kept at all", variable: "topic_retention_days", value: `0`},

		{name: "named callers", variable: "invokers", value: `["user:ann@example.com", "serviceAccount:a@b.iam.gserviceaccount.com"]`, ok: true},
		{name: "everybody is no named caller", variable: "invokers", value: `["allUsers"]`},
		{name: "everybody with a Google account is no named caller", variable: "invokers", value: `["allAuthenticatedUsers"]`},
		{name: "everybody is no named publisher", variable: "publishers", value: `["allUsers"]`},
		{name: "everybody is no named operator", variable: "operators", value: `["allAuthenticatedUsers"]`},
		{name: "public without a secret", variable: "public", value: `true`},
		{name: "public with a secret", variable: "public", value: `true`, with: map[string]string{"webhook_secret": `"eeexport-webhook"`}, ok: true},
		{name: "the secret itself", variable: "webhook_secret", value: `"whsec_c2VjcmV0"`},
		{name: "a version that is none", variable: "webhook_secret_version", value: `"newest"`},

		{name: "a schedule", variable: "schedules", value: nightly(""), ok: true},
		{name: "a schedule with all it can have", variable: "schedules", value: nightly(`time_zone = "Europe/Zurich", description = "x", paused = true, retry_count = 0, min_backoff = "5s", max_backoff = "60s", max_retry_duration = "0s"`), ok: true},
		{name: "four fields of cron", variable: "schedules", value: nightly(`cron = "0 3 * *"`)},
		{name: "more retries than Scheduler takes", variable: "schedules", value: nightly(`retry_count = 6`)},
		{name: "no such file", variable: "schedules", value: nightly(`request_file = "none.json"`)},
		{name: "no JSON", variable: "schedules", value: nightly(`request_file = "README.md"`)},
		{name: "a request ID that every run would share", variable: "schedules", value: nightly(`request_file = "` + withID + `"`)},
		{name: "larger than Scheduler takes", variable: "schedules", value: nightly(`request_file = "` + large + `"`)},
		{name: "a name that no job can have", variable: "schedules", value: `{ "Every Night" = { cron = "0 3 * * *", request_file = "` + request + `" } }`},

		{name: "no address", variable: "alert_emails", value: `["ann"]`},
		{name: "a channel's short name", variable: "notification_channels", value: `["1"]`},
		{name: "a share above one", variable: "alert_thresholds", value: `{ server_error_ratio = 5 }`},
		{name: "a fragment, which the alert adds", variable: "runbook_url", value: `"https://example.com/#top"`},
		{name: "a collector without a scheme", variable: "otlp_endpoint", value: `"collector:4318"`},
		{name: "a folder without the function", variable: "source_dir", value: `"."`},
		{name: "another language", variable: "runtime", value: `"python312"`},
		{name: "less than Earth Engine gives anybody", variable: "earth_engine_concurrency", value: `0`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			others := map[string]string{"project": `"my-project"`}
			maps.Copy(others, tc.with)
			vars := m.variables(t, given(t, others))
			e, diags := hclsyntax.ParseExpression([]byte(tc.value), "test", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			value, diags := e.Value(&hcl.EvalContext{Functions: m.functions()})
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			_, err := m.variable(tc.variable, value, vars)
			if (err == nil) != tc.ok {
				t.Errorf("%s = %s: %v", tc.variable, tc.value, err)
			}
		})
	}
}

// TestArguments holds every argument against the provider's schema.
func TestArguments(t *testing.T) {
	type arguments struct{ known, required, blocks map[string]bool }
	schema := map[string]arguments{}
	for line := range strings.Lines(read(t, "testdata/google-6.37.txt")) {
		path, names, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		a := arguments{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		for _, name := range strings.Fields(names) {
			bare := strings.TrimRight(name, "{}!")
			a.known[bare] = true
			a.required[bare] = strings.HasSuffix(name, "!")
			a.blocks[bare] = strings.Contains(name, "{}")
		}
		schema[path] = a
	}
	meta := []string{"for_each", "count", "depends_on"}
	var check func(path string, b *hclsyntax.Body)
	check = func(path string, b *hclsyntax.Body) {
		known, ok := schema[path]
		if !ok {
			t.Errorf("%s: not in the schema", path)
			return
		}
		given := map[string]bool{}
		for name := range b.Attributes {
			given[name] = true
			if !slices.Contains(meta, name) && (!known.known[name] || known.blocks[name]) {
				t.Errorf("%s has no argument %s", path, name)
			}
		}
		for _, inner := range b.Blocks {
			name, content := inner.Type, inner.Body
			if name == "dynamic" {
				name, content = inner.Labels[0], inner.Body.Blocks[0].Body
			}
			given[name] = true
			if !known.blocks[name] {
				t.Errorf("%s has no block %s", path, name)
				continue
			}
			check(path+"/"+name, content)
		}
		for name, required := range known.required {
			if required && !given[name] {
				t.Errorf("%s lacks %s", path, name)
			}
		}
	}
	for _, b := range parseModule(t, moduleDir).blocks {
		if (b.Type == "resource" || b.Type == "data") && strings.HasPrefix(b.Labels[0], "google_") {
			check(b.Labels[0], b.Body)
		}
	}
}

func TestOnlyAWebhookSecretOpensTheDoor(t *testing.T) {
	public := func(values map[string]string) (addresses []string) {
		for _, i := range planModule(t, moduleDir, given(t, values)) {
			if m := i.body.text("member"); m == "allUsers" || m == "allAuthenticatedUsers" {
				addresses = append(addresses, i.address())
			}
		}
		return addresses
	}
	all := maps.Clone(everything)
	if got := public(all); !slices.Equal(got, []string{"google_cloud_run_v2_service_iam_member.webhook_public"}) {
		t.Errorf("public with a secret: %v", got)
	}
	all["public"] = "false"
	if got := public(all); got != nil {
		t.Errorf("public without being asked: %v", got)
	}
	// The variable refuses public without a secret. That the binding does not
	// hang on that alone is to be seen in its count.
	for _, b := range parseModule(t, moduleDir).all("resource") {
		if b.Labels[1] != "webhook_public" {
			continue
		}
		vars := cty.ObjectVal(map[string]cty.Value{"public": cty.True, "webhook_secret": cty.NullVal(cty.String)})
		count, diags := b.Body.Attributes["count"].Expr.Value(&hcl.EvalContext{Variables: map[string]cty.Value{"var": vars}})
		if diags.HasErrors() || count.AsBigFloat().Sign() != 0 {
			t.Errorf("without a secret there are %v public bindings: %v", count, diags)
		}
	}
	for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
		if _, signed := f.environment()["WEBHOOK_SECRET"]; signed != (f.name == "webhook") {
			t.Errorf("%s: WEBHOOK_SECRET is set: %v", f.name, signed)
		}
	}
}

// calls are how many calls to Earth Engine a function's instances make at once:
// one a request, and for a tick of the watcher what its own bound says.
func calls(t testing.TB, m *module, f instance) int64 {
	t.Helper()
	service, _ := f.body.at("service_config")
	number := func(name string) int64 {
		n, _ := service.attrs[name].AsBigFloat().Int64()
		return n
	}
	instances, concurrency := number("max_instance_count"), number("max_instance_request_concurrency")
	each := int64(1)
	if f.name == "watcher" {
		bounds := m.variables(t, map[string]cty.Value{"project": cty.StringVal("my-project")})["bounds"]
		each, _ = bounds.GetAttr("watcher_calls").AsBigFloat().Int64()
	}
	return instances * concurrency * each
}

func TestBoundsStayWithinTheQuota(t *testing.T) {
	m := parseModule(t, moduleDir)
	var sum int64
	functions := fullPlan(t).ofType("google_cloudfunctions2_function")
	for _, f := range functions {
		sum += calls(t, m, f)
	}
	if len(functions) != 4 || sum < 1 || sum > earthEngineConcurrency {
		t.Errorf("%d functions make up to %d calls at once, Earth Engine serves %d", len(functions), sum, earthEngineConcurrency)
	}
	t.Run("the watcher's share is what its code takes", func(t *testing.T) {
		bounds := m.variables(t, map[string]cty.Value{"project": cty.StringVal("my-project")})["bounds"]
		want := "checkConcurrency = " + bounds.GetAttr("watcher_calls").AsBigFloat().String() + "\n"
		if !strings.Contains(read(t, "../handler/ends.go"), want) {
			t.Errorf("handler/ends.go has no %q", want)
		}
	})
}

// grants are who has which role on what.
func (p plan) grants() (all []string) {
	for _, i := range p {
		if i.body.text("role") == "" {
			continue
		}
		on := i.body.text("project")
		for _, attr := range []string{"topic", "subscription", "secret_id", "service_account_id", "name"} {
			if v := i.body.text(attr); v != "" {
				on = v
			}
		}
		all = append(all, fmt.Sprintf("%s %s %s", i.body.text("member"), i.body.text("role"), on))
	}
	slices.Sort(all)
	return all
}

func account(part string) string {
	return "serviceAccount:eeexport-" + part + "@my-project.iam.gserviceaccount.com"
}

func TestGrants(t *testing.T) {
	full := fullPlan(t)
	t.Run("every topic that a function publishes to has its grant", func(t *testing.T) {
		published := map[string][]string{
			"http": {"OPERATIONS_TOPIC", "FAILURES_TOPIC"}, "webhook": {"OPERATIONS_TOPIC", "FAILURES_TOPIC"},
			"event": {"OPERATIONS_TOPIC", "FAILURES_TOPIC"}, "watcher": {"COMPLETIONS_TOPIC"},
		}
		for _, f := range full.ofType("google_cloudfunctions2_function") {
			service, _ := f.body.at("service_config")
			for _, variable := range published[f.name] {
				want := fmt.Sprintf("serviceAccount:%s roles/pubsub.publisher %s", service.text("service_account_email"), f.environment()[variable])
				if !slices.Contains(full.grants(), want) {
					t.Errorf("%s: nothing grants %s", f.name, want)
				}
			}
		}
	})
	t.Run("nobody is granted anything else", func(t *testing.T) {
		agent := "serviceAccount:service-123456789@gcp-sa-pubsub.iam.gserviceaccount.com"
		want := []string{
			account("builder") + " roles/artifactregistry.writer my-project",
			account("builder") + " roles/logging.logWriter my-project",
			account("builder") + " roles/storage.objectViewer my-project",
			account("exporter") + " roles/earthengine.writer my-project",
			account("exporter") + " roles/earthengine.writer other-project",
			account("exporter") + " roles/pubsub.publisher eeexport-failures",
			account("exporter") + " roles/pubsub.publisher eeexport-operations",
			account("exporter") + " roles/secretmanager.secretAccessor eeexport-webhook",
			account("exporter") + " roles/serviceusage.serviceUsageConsumer my-project",
			account("exporter") + " roles/serviceusage.serviceUsageConsumer other-project",
			account("pusher") + " roles/run.invoker eeexport-event",
			account("scheduler") + " roles/run.invoker eeexport-http",
			account("scheduler") + " roles/run.invoker eeexport-watcher",
			account("watcher") + " roles/earthengine.viewer my-project",
			account("watcher") + " roles/earthengine.viewer other-project",
			account("watcher") + " roles/pubsub.publisher eeexport-completions",
			account("watcher") + " roles/pubsub.subscriber eeexport-pending",
			account("watcher") + " roles/serviceusage.serviceUsageConsumer my-project",
			account("watcher") + " roles/serviceusage.serviceUsageConsumer other-project",
			agent + " roles/iam.serviceAccountTokenCreator eeexport-pusher",
			agent + " roles/pubsub.publisher eeexport-dead-letters",
			agent + " roles/pubsub.subscriber eeexport-requests",
			"allUsers roles/run.invoker eeexport-webhook",
			"group:operators@example.com roles/pubsub.publisher eeexport-requests",
			"group:operators@example.com roles/pubsub.subscriber eeexport-dead-letters",
			"group:operators@example.com roles/pubsub.subscriber eeexport-failures",
			"serviceAccount:producer@my-project.iam.gserviceaccount.com roles/pubsub.publisher eeexport-requests",
			"user:ann@example.com roles/run.invoker eeexport-http",
			"user:ann@example.com roles/run.invoker eeexport-webhook",
		}
		slices.Sort(want)
		if got := full.grants(); !slices.Equal(got, want) {
			t.Errorf("granted:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
	t.Run("no account has a key", func(t *testing.T) {
		for _, i := range full {
			if i.kind == "google_service_account_key" {
				t.Errorf("%s", i.address())
			}
		}
	})
}

func TestRequestsSubscription(t *testing.T) {
	made := defaultPlan(t)
	s := made.one(t, "google_pubsub_subscription.requests")
	event := made.one(t, "google_cloudfunctions2_function.event")
	push, _ := s.body.at("push_config")
	token, _ := s.body.at("push_config", "oidc_token")
	retry, _ := s.body.at("retry_policy")
	dead, _ := s.body.at("dead_letter_policy")
	expiration, ok := s.body.at("expiration_policy")
	service, _ := event.body.at("service_config")

	for _, tc := range []struct{ what, got, want string }{
		{"Pub/Sub waits as long as it can", s.body.text("ack_deadline_seconds"), "600"},
		{"the first redelivery comes after 10 s", retry.text("minimum_backoff"), "10s"},
		{"and the last after 600 s", retry.text("maximum_backoff"), "600s"},
		{"in the end there is a dead letter", dead.text("dead_letter_topic"), "projects/my-project/topics/eeexport-dead-letters"},
		{"after as many attempts as Pub/Sub counts", dead.text("max_delivery_attempts"), "100"},
		// The framework makes the event's source of this path, and the request
		// ID is made of that.
		{"the path names the topic", push.text("push_endpoint"), "https://eeexport-event.run.app/projects/my-project/topics/eeexport-requests"},
		{"the token is for the service", token.text("audience"), "https://eeexport-event.run.app"},
		{"and of the account that may call it", "serviceAccount:" + token.text("service_account_email"), account("pusher")},
		{"nobody from outside reaches the function", service.text("ingress_settings"), "ALLOW_INTERNAL_ONLY"},
		{"a message is kept for 31 days", s.body.text("message_retention_duration"), "2678400s"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, tc.got, tc.want)
		}
	}
	if !ok || expiration.text("ttl") != "" {
		t.Error("a quiet month deletes the subscription")
	}
	if service.attrs["timeout_seconds"].GreaterThanOrEqualTo(s.body.attrs["ack_deadline_seconds"]).True() {
		t.Error("the function may work longer than Pub/Sub waits")
	}
}

func TestWatcher(t *testing.T) {
	made := defaultPlan(t)
	s := made.one(t, "google_pubsub_subscription.pending")
	f := made.one(t, "google_cloudfunctions2_function.watcher")
	tick := made.one(t, "google_cloud_scheduler_job.watcher")
	service, _ := f.body.at("service_config")
	target, _ := tick.body.at("http_target", "oidc_token")

	if got := s.body.text("message_retention_duration"); got != "2678400s" {
		t.Errorf("an Operation is remembered for %s", got)
	}
	// What the doc comment of handler.Watcher asks of the subscription.
	retry, _ := s.body.at("retry_policy")
	if got := s.body.text("ack_deadline_seconds") + " " + retry.text("minimum_backoff") + " " + retry.text("maximum_backoff"); got != "60 10s 60s" {
		t.Errorf("the deadline and the backoff are %s", got)
	}
	if got := service.text("timeout_seconds"); got != "60" {
		t.Errorf("a tick may go on for %s s, into the next", got)
	}
	if _, ok := s.body.at("dead_letter_policy"); ok {
		t.Error("an export that takes long becomes a dead letter")
	}
	if _, ok := s.body.at("push_config"); ok {
		t.Error("it is pushed")
	}
	if got := tick.body.text("schedule"); got != "* * * * *" {
		t.Errorf("a tick comes at %s", got)
	}
	if got := "serviceAccount:" + target.text("service_account_email"); got != account("scheduler") {
		t.Errorf("a tick comes from %s", got)
	}
	if got := f.environment()["PENDING_SUBSCRIPTION"]; got != s.body.text("name") {
		t.Errorf("PENDING_SUBSCRIPTION is %q", got)
	}
}

// TestNothingIsLostUnseen is about topics whose messages need somebody.
func TestNothingIsLostUnseen(t *testing.T) {
	made := defaultPlan(t)
	for _, part := range []string{"failures", "dead-letters"} {
		s := made.one(t, fmt.Sprintf("google_pubsub_subscription.parked[%q]", part))
		if s.body.text("topic") != "projects/my-project/topics/eeexport-"+part || s.body.text("message_retention_duration") != "2678400s" {
			t.Errorf("%s: %v", part, s.body.attrs)
		}
	}
	for _, topic := range made.ofType("google_pubsub_topic") {
		if topic.body.text("message_retention_duration") == "" || topic.body.attrs["labels"].LengthInt() == 0 {
			t.Errorf("%s has no retention or no labels", topic.address())
		}
	}
}

func TestSchedules(t *testing.T) {
	job := fullPlan(t).one(t, `google_cloud_scheduler_job.export["nightly"]`)
	target, _ := job.body.at("http_target")
	token, _ := job.body.at("http_target", "oidc_token")
	body, err := base64.StdEncoding.DecodeString(target.text("body"))
	if err != nil || string(body) != read(t, request) {
		t.Errorf("the body is not the file's: %v", err)
	}
	if got := target.text("uri"); got != token.text("audience")+"/" || got != "https://eeexport-http.run.app/" {
		t.Errorf("it goes to %s, with a token for %s", got, token.text("audience"))
	}
	if _, ok := job.body.at("retry_config"); !ok {
		t.Error("it is not tried again")
	}

	t.Run("the example's request is one that the function takes", func(t *testing.T) {
		req, violations := decode.Read(body, decode.Options{Check: expression.Strict, Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)})
		if len(violations.List) > 0 {
			t.Fatal(violations)
		}
		if req.Destination.Name != "projects/my-project/assets/nightly-20261123" {
			t.Errorf("it writes %s", req.Destination.Name)
		}
	})
}

func TestExampleCallsTheModuleInTenLines(t *testing.T) {
	m := parseModule(t, exampleDir)
	call := m.all("module")[0]
	if lines := call.CloseBraceRange.End.Line - call.TypeRange.Start.Line + 1; lines > 10 {
		t.Errorf("it takes %d lines", lines)
	}
	module := parseModule(t, moduleDir)
	for name := range call.Body.Attributes {
		if name != "source" && !slices.ContainsFunc(module.all("variable"), func(b *hclsyntax.Block) bool { return b.Labels[0] == name }) {
			t.Errorf("the module has no variable %s", name)
		}
	}
	if source, _ := call.Body.Attributes["source"].Expr.Value(nil); filepath.Join(exampleDir, source.AsString()) != moduleDir {
		t.Errorf("it calls %s", source.AsString())
	}
}

func TestVersionsArePinned(t *testing.T) {
	for _, dir := range []string{moduleDir, exampleDir} {
		for _, b := range parseModule(t, dir).all("terraform") {
			if b.Body.Attributes["required_version"] == nil {
				t.Errorf("%s: any Terraform will do", dir)
			}
			for _, providers := range b.Body.Blocks {
				for name, attr := range providers.Body.Attributes {
					v, _ := attr.Expr.Value(nil)
					if version := v.GetAttr("version").AsString(); !strings.HasPrefix(version, "~> ") {
						t.Errorf("%s: %s is %s", dir, name, version)
					}
				}
			}
		}
	}
}

// anchors are the fragments that a page of Markdown has.
func anchors(text string) (all []string) {
	for _, h := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		slug := strings.ToLower(h[1])
		slug = regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(slug, "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	return all
}

func TestAlerts(t *testing.T) {
	made := defaultPlan(t)
	have := anchors(read(t, "README.md"))
	alerts := made.ofType("google_monitoring_alert_policy")
	if len(alerts) != 6 {
		t.Errorf("there are %d alerts", len(alerts))
	}
	for _, a := range alerts {
		documentation, _ := a.body.at("documentation")
		links, _ := a.body.at("documentation", "links")
		url, fragment, _ := strings.Cut(links.text("url"), "#")
		if !slices.Contains(have, fragment) || !strings.HasSuffix(url, "deploy/README.md") {
			t.Errorf("%s: no runbook at %s", a.key, links.text("url"))
		}
		if !strings.Contains(documentation.text("content"), links.text("url")) {
			t.Errorf("%s: its mail does not link the runbook", a.key)
		}
	}
	if _, ok := made.one(t, `google_monitoring_alert_policy.this["server_errors"]`).body.at("conditions", "condition_threshold", "denominator_aggregations"); !ok {
		t.Error("the rate of 5xx is no share")
	}
	metric := made.one(t, "google_logging_metric.outcomes")
	if !strings.Contains(metric.body.text("filter"), "jsonPayload.outcome") {
		t.Errorf("outcomes are counted by %s", metric.body.text("filter"))
	}
	// The quota alert reads the name of an outcome from the log.
	quota, _ := made.one(t, `google_monitoring_alert_policy.this["quota"]`).body.at("conditions", "condition_threshold")
	if !strings.Contains(quota.text("filter"), fmt.Sprintf("metric.labels.outcome = %q", outcome.Quota.String())) {
		t.Errorf("the quota alert filters by %s", quota.text("filter"))
	}
}

func TestDashboard(t *testing.T) {
	var page struct {
		MosaicLayout struct {
			Columns int
			Tiles   []struct {
				XPos, YPos, Width, Height int
				Widget                    map[string]any
			}
		}
	}
	text := defaultPlan(t).one(t, "google_monitoring_dashboard.this").body.text("dashboard_json")
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]any{}
	for _, tile := range page.MosaicLayout.Tiles {
		if tile.XPos+tile.Width > page.MosaicLayout.Columns {
			t.Errorf("%v is beyond the edge", tile.Widget["title"])
		}
		for x := range tile.Width {
			for y := range tile.Height {
				at := [2]int{tile.XPos + x, tile.YPos + y}
				if taken[at] != nil {
					t.Fatalf("%v lies on %v", tile.Widget["title"], taken[at])
				}
				taken[at] = tile.Widget["title"]
			}
		}
	}
	if len(page.MosaicLayout.Tiles) < 10 {
		t.Errorf("it has %d tiles", len(page.MosaicLayout.Tiles))
	}
}

// excludes are the patterns that are left out of the source.
func excludes(t testing.TB) (patterns []string) {
	t.Helper()
	source := defaultPlan(t).one(t, "archive_file.source")
	for it := source.body.attrs["excludes"].ElementIterator(); it.Next(); {
		_, v := it.Element()
		patterns = append(patterns, v.AsString())
	}
	return patterns
}

func TestSource(t *testing.T) {
	patterns := excludes(t)
	t.Run("gcloud leaves out the same", func(t *testing.T) {
		var lines []string
		for line := range strings.Lines(read(t, ".gcloudignore")) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		if !slices.Equal(lines, patterns) {
			t.Errorf(".gcloudignore has %v, build.tf %v", lines, patterns)
		}
	})
	t.Run("what is left builds", func(t *testing.T) {
		dir := t.TempDir()
		if err := copySource("..", dir, patterns); err != nil {
			t.Fatal(err)
		}
		// The platform imports the package from a main of its own.
		cmd := exec.Command("go", "build", ".")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// copySource copies what the archive has.
func copySource(from, to string, patterns []string) error {
	var excluded []*regexp.Regexp
	for _, p := range patterns {
		p = regexp.QuoteMeta(p)
		p = strings.ReplaceAll(p, `\*\*/`, `(.*/)?`)
		p = strings.ReplaceAll(p, `\*\*`, `.*`)
		p = strings.ReplaceAll(p, `\*`, `[^/]*`)
		excluded = append(excluded, regexp.MustCompile("^"+p+"$"))
	}
	return fs.WalkDir(os.DirFS(from), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, e := range excluded {
			if e.MatchString(name) || entry.IsDir() && e.MatchString(name+"/") {
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
		}
		target := filepath.Join(to, name)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}
