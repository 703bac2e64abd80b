package deploy_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manifest is one document of a file.
type manifest struct {
	file string
	doc  map[string]any
}

func manifests(t testing.TB, dir string) (all []manifest) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no manifests in %s: %v", dir, err)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for dec := yaml.NewDecoder(file); ; {
			m := manifest{file: name}
			if err := dec.Decode(&m.doc); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, m)
		}
	}
	return all
}

// at returns what stands at a path of keys and indexes; nil for nothing.
func (m manifest) at(path ...any) any {
	var v any = m.doc
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

// environment returns the variables that a manifest sets.
func (m manifest) environment() (names []string) {
	if m.at("kind") == "ConfigMap" {
		data, _ := m.at("data").(map[string]any)
		for name := range data {
			names = append(names, name)
		}
	}
	list, _ := m.at("spec", "template", "spec", "containers", 0, "env").([]any)
	for i := range list {
		names = append(names, fmt.Sprint(m.at("spec", "template", "spec", "containers", 0, "env", i, "name")))
	}
	return names
}

func TestKnative(t *testing.T) {
	all := manifests(t, "knative")
	services := map[any]manifest{}
	calls := 0
	for _, m := range all {
		if m.at("kind") != "Service" {
			continue
		}
		services[m.at("metadata", "name")] = m
		instances, err := strconv.Atoi(fmt.Sprint(m.at("spec", "template", "metadata", "annotations", "autoscaling.knative.dev/max-scale")))
		if err != nil {
			t.Errorf("%s: no bound on instances", m.file)
		}
		concurrency, _ := m.at("spec", "template", "spec", "containerConcurrency").(int)
		calls += instances * concurrency
		container := []any{"spec", "template", "spec", "containers", 0}
		for path, want := range map[string]any{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false} {
			if got := m.at(append(slices.Clone(container), "securityContext", path)...); got != want {
				t.Errorf("%s: %s is %v", m.file, path, got)
			}
		}
		if image := fmt.Sprint(m.at(append(slices.Clone(container), "image")...)); !strings.Contains(image, ":") || strings.HasSuffix(image, ":latest") {
			t.Errorf("%s: the image %s has no version", m.file, image)
		}
	}
	if len(services) != 2 || calls < 1 || calls > earthEngineConcurrency {
		t.Errorf("%d services make up to %d calls at once, Earth Engine serves %d", len(services), calls, earthEngineConcurrency)
	}
	for _, m := range all {
		if m.at("kind") != "Trigger" {
			continue
		}
		to := services[m.at("spec", "subscriber", "ref", "name")]
		if to.doc == nil || to.at("spec", "template", "spec", "containers", 0, "env", 0, "value") != "ExportClassifierEvent" {
			t.Errorf("%s: the subscriber is not the CloudEvent function", m.file)
		}
		if m.at("spec", "delivery", "deadLetterSink") == nil {
			t.Errorf("%s: what fails is dropped", m.file)
		}
	}
}

func TestWorkflow(t *testing.T) {
	w := manifests(t, "workflows")[0]
	call := []any{"main", "steps", 0, "start", "try"}
	for _, tc := range []struct {
		path []any
		want any
	}{
		{[]any{"call"}, "http.post"},
		{[]any{"args", "auth", "type"}, "OIDC"},
		{[]any{"args", "auth", "audience"}, "${args.url}"},
		{[]any{"args", "headers", "Idempotency-Key"}, `${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}`},
	} {
		if got := w.at(append(slices.Clone(call), tc.path...)...); got != tc.want {
			t.Errorf("%v is %v", tc.path, got)
		}
	}
	// Every ${…} must close, or Workflows takes it for text.
	for line := range strings.Lines(read(t, w.file)) {
		if strings.Count(line, "${") != strings.Count(line, "}") && strings.Contains(line, "${") {
			t.Errorf("%s: %s", w.file, line)
		}
	}
	if w.at("main", "steps", 0, "start", "retry", "predicate") != "${transient}" || w.at("transient") == nil {
		t.Error("a permanent refusal is tried again")
	}
}

func TestReadme(t *testing.T) {
	text := read(t, "README.md")
	have := anchors(text)
	t.Run("every link leads somewhere", func(t *testing.T) {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
			to := link[1]
			if fragment, ok := strings.CutPrefix(to, "#"); ok {
				if !slices.Contains(have, fragment) {
					t.Errorf("no section %s", fragment)
				}
			} else if !strings.HasPrefix(to, "https://") {
				if _, err := os.Stat(to); err != nil {
					t.Error(err)
				}
			}
		}
	})
	t.Run("every command is one", func(t *testing.T) {
		blocks := regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```").FindAllStringSubmatch(text, -1)
		if len(blocks) < 10 {
			t.Errorf("there are %d blocks of commands", len(blocks))
		}
		for _, block := range blocks {
			cmd := exec.Command("bash", "-n", "-c", block[1])
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, block[1])
			}
		}
	})
	t.Run("the bounds that it names are the module's", func(t *testing.T) {
		bounds := map[string]string{}
		for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
			service, _ := f.body.at("service_config")
			bounds[f.name] = service.text("max_instance_count") + " × " + service.text("max_instance_request_concurrency")
		}
		want := fmt.Sprintf("event %s, HTTP %s, webhook %s and watcher 20, which is 40", bounds["event"], bounds["http"], bounds["webhook"])
		if !strings.Contains(text, want) {
			t.Errorf("README.md does not say %q", want)
		}
	})
}
