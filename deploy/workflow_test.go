package deploy_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestWorkflow(t *testing.T) {
	text := read(t, "workflows/export.yaml")
	if err := yaml.Unmarshal([]byte(text), new(any)); err != nil {
		t.Fatal(err)
	}
	for what, line := range map[string]string{
		"the URL is the deployment's, and not the caller's": `- url: ${sys.get_env("EEEXPORT_URL")}`,
		"it is called":                           "url: ${url}",
		"with a token":                           "type: OIDC",
		"for it alone":                           "audience: ${url}",
		"one execution is one export":            `Idempotency-Key: ${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}`,
		"what may pass is tried again":           "predicate: ${transient}",
		"and that is what the contract calls so": `- condition: ${default(map.get(e, "code"), 0) in [429, 503, 504]}`,
	} {
		if !strings.Contains(text, " "+line+"\n") {
			t.Errorf("%s: there is no line %s", what, line)
		}
	}
	// Every ${…} must close, or Workflows takes it for text.
	for line := range strings.Lines(text) {
		if strings.Count(line, "${") != strings.Count(line, "}") && strings.Contains(line, "${") {
			t.Errorf("an expression is open: %s", line)
		}
	}
}
