package deploy_test

import (
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/handler"
)

// TestMain runs the tests, or is one of the programs that they start: the fake
// gcloud, by its name, or what enters an empty root, by its environment.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "gcloud" {
		os.Exit(fakeGcloud(os.Args[1:], os.Stdout, os.Stderr))
	}
	if root := os.Getenv(emptyRootVariable); root != "" {
		log.Fatal(enterEmptyRoot(root))
	}
	os.Exit(m.Run())
}

// contract is the table of environment variables of the functions' contract.
// The last of OTEL_EXPORTER_OTLP_* are OpenTelemetry's own.
var contract = []string{
	"ALLOWED_ASSETS",
	"ALLOWED_PROJECTS",
	"COMPLETIONS_TOPIC",
	"EARTHENGINE_EMULATOR_HOST",
	"EARTHENGINE_ENDPOINT",
	"EXPRESSION_CHECK",
	"FAILURES_TOPIC",
	"GOOGLE_APPLICATION_CREDENTIALS",
	"GOOGLE_CLOUD_PROJECT",
	"MAX_REQUEST_BYTES",
	"OPERATIONS_TOPIC",
	"OTEL_EXPORTER_OTLP_*",
	"PENDING_SUBSCRIPTION",
	"PORT",
	"PUBSUB_EMULATOR_HOST",
	"WEBHOOK_SECRET",
}

// inContract tells whether the contract has a variable.
func inContract(name string) bool {
	return slices.Contains(contract, name) || strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_")
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEnvironment(t *testing.T) {
	set := map[string]bool{}
	for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
		for name := range f.environment() {
			set[name] = true
		}
	}
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_*]+)`").FindAllStringSubmatch(read(t, "README.md"), -1) {
		documented[row[1]] = true
	}

	t.Run("every variable of the contract is documented, and no other", func(t *testing.T) {
		for _, name := range contract {
			if !documented[name] {
				t.Errorf("README.md has no row for %s", name)
			}
		}
		for name := range documented {
			if !slices.Contains(contract, name) {
				t.Errorf("README.md has a row for %s", name)
			}
		}
	})
	t.Run("Terraform sets none but the contract's", func(t *testing.T) {
		for name := range set {
			if !inContract(name) {
				t.Errorf("%s is set", name)
			}
		}
	})
	t.Run("Terraform sets every one that is for a deployment to set", func(t *testing.T) {
		// The others are for development, or the platform's.
		elsewhere := []string{"EARTHENGINE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "PORT", "OTEL_EXPORTER_OTLP_*"}
		for _, name := range contract {
			if !set[name] && !slices.Contains(elsewhere, name) {
				t.Errorf("%s is not set", name)
			}
		}
	})
	t.Run("the code reads none but the contract's", func(t *testing.T) {
		platforms := []string{"CLOUD_RUN_TIMEOUT_SECONDS", "FUNCTION_TARGET"}
		getenv := func(name string) string {
			if !inContract(name) && !slices.Contains(platforms, name) {
				t.Errorf("%s is read", name)
			}
			return ""
		}
		_, _ = handler.ExporterConfigFromEnv(getenv)
		_, _ = handler.WatcherConfigFromEnv(getenv)
	})
	t.Run("the manifests set none but the contract's", func(t *testing.T) {
		for _, m := range manifests(t, "knative") {
			for _, name := range m.environment() {
				if !inContract(name) && name != "FUNCTION_TARGET" { // the framework's
					t.Errorf("%s: %s is set", m.file, name)
				}
			}
		}
	})
}
