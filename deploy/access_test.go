package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// grants returns who has which role on what.
func (p plan) grants() (all []string) {
	for _, i := range p {
		if i.body.text("role") == "" {
			continue
		}
		on := i.body.text("project")
		for _, attr := range []string{"topic", "subscription", "repository", "secret_id", "service_account_id", "name"} {
			if v := i.body.text(attr); v != "" {
				on = v[strings.LastIndex(v, "/")+1:]
			}
		}
		if condition, ok := i.body.at("condition"); ok {
			on += " if " + condition.text("expression")
		}
		all = append(all, fmt.Sprintf("%s %s %s", i.body.text("member"), i.body.text("role"), on))
	}
	slices.Sort(all)
	return all
}

func account(part string) string {
	return "serviceAccount:eeexport-" + part + "@my-project.iam.gserviceaccount.com"
}

func TestNobodyIsGrantedMoreThanItsPartNeeds(t *testing.T) {
	agent := "serviceAccount:service-123456789@gcp-sa-pubsub.iam.gserviceaccount.com"
	want := []string{
		account("builder") + " roles/artifactregistry.writer eeexport-functions",
		account("builder") + " roles/logging.logWriter my-project",
		account("builder") + ` roles/storage.objectViewer my-project if resource.name.startsWith("projects/_/buckets/gcf-v2-sources-123456789-us-central1")`,
		account("exporter") + " roles/pubsub.publisher eeexport-failures",
		account("exporter") + " roles/pubsub.publisher eeexport-operations",
		account("exporter") + " roles/pubsub.publisher eeexport-requests",
		account("pusher") + " roles/run.invoker eeexport-event",
		account("scheduler") + " roles/run.invoker eeexport-watcher",
		account("watcher") + " roles/pubsub.publisher eeexport-completions",
		account("watcher") + " roles/pubsub.subscriber eeexport-pending",
		account("webhook") + " roles/pubsub.publisher eeexport-operations",
		account("webhook") + " roles/secretmanager.secretAccessor eeexport-webhook",
		agent + " roles/iam.serviceAccountTokenCreator eeexport-pusher",
		agent + " roles/pubsub.publisher eeexport-dead-letters",
		agent + " roles/pubsub.subscriber eeexport-requests",
		"allUsers roles/run.invoker eeexport-webhook",
		"group:operators@example.com roles/cloudscheduler.viewer my-project",
		"group:operators@example.com roles/logging.viewer my-project",
		"group:operators@example.com roles/monitoring.viewer my-project",
		"group:operators@example.com roles/pubsub.publisher eeexport-requests",
		"group:operators@example.com roles/pubsub.subscriber eeexport-dead-letters",
		"group:operators@example.com roles/pubsub.subscriber eeexport-failures",
		"group:operators@example.com roles/pubsub.viewer my-project",
		"group:operators@example.com roles/run.viewer my-project",
		"serviceAccount:producer@my-project.iam.gserviceaccount.com roles/pubsub.publisher eeexport-requests",
		"user:ann@example.com roles/run.invoker eeexport-http",
		"user:ann@example.com roles/run.invoker eeexport-webhook",
	}
	for _, project := range []string{"my-project", "other-project"} {
		for member, role := range map[string]string{account("exporter"): "writer", account("webhook"): "writer", account("watcher"): "viewer", "group:operators@example.com": "viewer"} {
			want = append(want,
				member+" roles/earthengine."+role+" "+project,
				member+" roles/serviceusage.serviceUsageConsumer "+project)
		}
	}
	slices.Sort(want)
	if got := fullPlan(t).grants(); !slices.Equal(got, want) {
		t.Errorf("granted:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGrants(t *testing.T) {
	full := fullPlan(t)
	t.Run("a function may publish to every topic in its settings", func(t *testing.T) {
		for _, f := range full.ofType("google_cloudfunctions2_function") {
			service, _ := f.body.at("service_config")
			for variable, topic := range f.environment() {
				if !strings.HasSuffix(variable, "_TOPIC") {
					continue
				}
				want := fmt.Sprintf("serviceAccount:%s roles/pubsub.publisher %s", service.text("service_account_email"), topic)
				if !slices.Contains(full.grants(), want) {
					t.Errorf("%s: nothing grants %s", f.key, want)
				}
			}
		}
	})
	t.Run("a grant is recreated with the resource that it is on", func(t *testing.T) {
		for _, i := range full {
			for _, attr := range []string{"topic", "subscription"} {
				if v := i.body.text(attr); v != "" && !strings.HasPrefix(v, "projects/") {
					t.Errorf("%s names its %s, which is known before it is made", i.address(), attr)
				}
			}
		}
	})
	t.Run("a custom role takes the writer's place", func(t *testing.T) {
		values := maps.Clone(everything)
		values["earth_engine_role"] = `"organizations/1/roles/exporter"`
		grants := strings.Join(planWith(t, values).grants(), "\n")
		if strings.Contains(grants, "earthengine.writer") || strings.Count(grants, "organizations/1/roles/exporter") != 4 {
			t.Errorf("granted:\n%s", grants)
		}
	})
	t.Run("an image needs no builder", func(t *testing.T) {
		for _, i := range planWith(t, withImage()) {
			if strings.Contains(i.address(), "builder") || i.kind == "google_storage_bucket" {
				t.Errorf("%s", i.address())
			}
		}
	})
}

func TestOnlyAWebhookSecretOpensTheDoor(t *testing.T) {
	public := func(values map[string]string) (addresses []string) {
		for _, i := range planWith(t, values) {
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
}
