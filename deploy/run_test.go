package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/handler"
)

// withImage is everything, from an image in place of source.
func withImage() map[string]string {
	values := maps.Clone(everything)
	values["image"] = `"us-docker.pkg.dev/my-project/eeexport/server:1.0.0"`
	return values
}

// contract has the variables of the functions' contract. The last of
// OTEL_EXPORTER_OTLP_* are OpenTelemetry's own.
var contract = []string{
	"ALLOWED_ASSETS", "ALLOWED_PROJECTS", "ALLOWED_READS", "CLOUD_RUN_TIMEOUT_SECONDS", "COMPLETIONS_TOPIC",
	"EARTHENGINE_ENDPOINT", "EXPRESSION_CHECK", "FAILURES_TOPIC", "GOOGLE_CLOUD_PROJECT", "MAX_REQUEST_BYTES",
	"OPERATIONS_TOPIC", "OTEL_EXPORTER_OTLP_ENDPOINT", "PENDING_SUBSCRIPTION", "REQUESTS_TOPIC", "REQUEST_MAX_AGE",
	"WEBHOOK_SECRET",
}

// elsewhere are the variables that the platform sets, or that are for
// development.
var elsewhere = []string{
	"EARTHENGINE_EMULATOR_HOST", "FUNCTION_TARGET", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT",
	"PORT", "PUBSUB_EMULATOR_HOST",
}

func TestEnvironment(t *testing.T) {
	for what, values := range map[string]map[string]string{"source": everything, "an image": withImage()} {
		t.Run("functions from "+what+" get all of the contract's variables, and no others", func(t *testing.T) {
			set := map[string]bool{}
			for _, i := range planWith(t, values) {
				for name := range i.environment() {
					set[name] = name != "FUNCTION_TARGET" // which an image needs
				}
			}
			delete(set, "FUNCTION_TARGET")
			if got := slices.Sorted(maps.Keys(set)); !slices.Equal(got, contract) {
				t.Errorf("set:\n%v\nwant:\n%v", got, contract)
			}
		})
	}
	t.Run("the code reads none but the contract's", func(t *testing.T) {
		getenv := func(name string) string {
			if !slices.Contains(contract, name) && !slices.Contains(elsewhere, name) && !strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_") {
				t.Errorf("%s is read", name)
			}
			return ""
		}
		_, _ = handler.ExporterConfigFromEnv(getenv)
		_, _ = handler.WatcherConfigFromEnv(getenv)
	})
	t.Run("the code accepts what is set", func(t *testing.T) {
		for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
			env := f.environment()
			if _, ok := env["WEBHOOK_SECRET"]; ok {
				env["WEBHOOK_SECRET"] = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
			}
			getenv := func(name string) string { return env[name] }
			_, err := handler.ExporterConfigFromEnv(getenv)
			if f.key == "watcher" {
				_, err = handler.WatcherConfigFromEnv(getenv)
			}
			if err != nil {
				t.Errorf("%s: %v", f.key, err)
			}
		}
	})
	t.Run("only the webhook's function gets the secret", func(t *testing.T) {
		for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
			if _, signed := f.environment()["WEBHOOK_SECRET"]; signed != (f.key == "webhook") {
				t.Errorf("%s: WEBHOOK_SECRET is set: %v", f.key, signed)
			}
		}
	})
	t.Run("a function gets its own timeout", func(t *testing.T) {
		for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
			service, _ := f.body.at("service_config")
			if got := f.environment()["CLOUD_RUN_TIMEOUT_SECONDS"]; got != service.text("timeout_seconds") {
				t.Errorf("%s: %q, and it has %s", f.key, got, service.text("timeout_seconds"))
			}
		}
	})
}

// TestAnImageIsDeployedAsTheSourceIs compares what the two ways make.
func TestAnImageIsDeployedAsTheSourceIs(t *testing.T) {
	made := planWith(t, withImage())
	for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
		s := made.one(t, fmt.Sprintf("google_cloud_run_v2_service.this[%q]", f.key))
		build, _ := f.body.at("build_config")
		function, _ := f.body.at("service_config")
		service, _ := s.body.at("template")
		scaling, _ := s.body.at("template", "scaling")
		limits := map[string]string{}
		resources, _ := s.body.at("template", "containers", "resources")
		for name, v := range resources.attrs["limits"].AsValueMap() {
			limits[name] = v.AsString()
		}
		env := f.environment()
		env["FUNCTION_TARGET"] = build.text("entry_point")
		if !maps.Equal(s.environment(), env) {
			t.Errorf("%s: %v, want %v", f.key, s.environment(), env)
		}
		for what, pair := range map[string][2]string{
			"name":        {s.body.text("name"), f.body.text("name")},
			"account":     {service.text("service_account"), function.text("service_account_email")},
			"timeout":     {service.text("timeout"), function.text("timeout_seconds") + "s"},
			"concurrency": {service.text("max_instance_request_concurrency"), function.text("max_instance_request_concurrency")},
			"instances":   {scaling.text("max_instance_count"), function.text("max_instance_count")},
			"warm":        {scaling.text("min_instance_count"), function.text("min_instance_count")},
			"memory":      {limits["memory"], function.text("available_memory")},
			"CPU":         {limits["cpu"], function.text("available_cpu")},
			"key":         {service.text("encryption_key"), f.body.text("kms_key_name")},
			"ingress":     {strings.TrimPrefix(s.body.text("ingress"), "INGRESS_TRAFFIC_"), strings.TrimPrefix(function.text("ingress_settings"), "ALLOW_")},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s, %s: %q, want %q", f.key, what, pair[0], pair[1])
			}
		}
	}
}

// The bounds that TestValues compares with the quota count a tick's calls.
func TestATickMakesAsManyCallsAsTheBoundsCount(t *testing.T) {
	if !strings.Contains(read(t, "../handler/watch/check.go"), "callsAtOnce = 20\n") {
		t.Error("handler/watch does not make 20 calls at once")
	}
}
