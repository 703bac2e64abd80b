package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// at returns what stands at a path of keys and indexes; nil for nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func TestWorkflow(t *testing.T) {
	text := read(t, "workflows/export.yaml")
	var w any
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	call := []any{"main", "steps", 1, "start", "try", "args"}
	for _, tc := range []struct {
		what string
		path []any
		want any
	}{
		{"the URL is the deployment's, and not the caller's", []any{"main", "steps", 0, "init", "assign", 0, "url"}, `${sys.get_env("EEEXPORT_URL")}`},
		{"it is called", append(slices.Clone(call), "url"), "${url}"},
		{"with a token", append(slices.Clone(call), "auth", "type"), "OIDC"},
		{"for it alone", append(slices.Clone(call), "auth", "audience"), "${url}"},
		{"one execution is one export", append(slices.Clone(call), "headers", "Idempotency-Key"), `${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}`},
		{"what may pass is tried again", []any{"main", "steps", 1, "start", "retry", "predicate"}, "${transient}"},
		{"and that is what the contract calls so", []any{"transient", "steps", 0, "decide", "switch", 0, "condition"}, `${default(map.get(e, "code"), 0) in [429, 503, 504]}`},
	} {
		if got := at(w, tc.path...); fmt.Sprint(got) != fmt.Sprint(tc.want) {
			t.Errorf("%s: %v, want %v", tc.what, got, tc.want)
		}
	}
	// Every ${…} must close, or Workflows takes it for text.
	for line := range strings.Lines(text) {
		if strings.Count(line, "${") != strings.Count(line, "}") && strings.Contains(line, "${") {
			t.Errorf("an expression is open: %s", line)
		}
	}
}
