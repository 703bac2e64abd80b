package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryLinkOfAPageLeadsSomewhere(t *testing.T) {
	for _, page := range []string{"README.md", "examples/README.md", "../README.md", "../CONTRIBUTING.md"} {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(read(t, page), -1) {
			if strings.HasPrefix(link[1], "https://") {
				continue
			}
			file, fragment, _ := strings.Cut(link[1], "#")
			if file = filepath.Join(filepath.Dir(page), file); strings.HasPrefix(link[1], "#") {
				file = page
			}
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			} else if fragment != "" && !slices.Contains(anchors(read(t, file)), fragment) {
				t.Errorf("%s: %s has no section %s", page, file, fragment)
			}
		}
	}
}

func TestReadme(t *testing.T) {
	text := read(t, "README.md")
	t.Run("every command is one", func(t *testing.T) {
		blocks := regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```").FindAllStringSubmatch(text, -1)
		if len(blocks) < 20 {
			t.Errorf("there are %d blocks of commands", len(blocks))
		}
		for _, block := range blocks {
			cmd := exec.Command("bash", "-n", "-c", block[1])
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, block[1])
			}
		}
	})
	t.Run("every alert has its section, which says what it means, how to look and what to do", func(t *testing.T) {
		runbook := text[strings.Index(text, "\n## Runbook"):]
		for _, section := range strings.Split(runbook, "\n### ")[1:] {
			title, _, _ := strings.Cut(section, "\n")
			for _, part := range []string{"**What it means.**", "**How to look.**", "**What to do"} {
				if !strings.Contains(section, part) {
					t.Errorf("%s: no %s", title, part)
				}
			}
		}
	})
	t.Run("the bounds that it names are the module's", func(t *testing.T) {
		bounds := map[string]string{}
		for _, f := range fullPlan(t).ofType("google_cloudfunctions2_function") {
			service, _ := f.body.at("service_config")
			bounds[f.key] = service.text("max_instance_count") + " × " + service.text("max_instance_request_concurrency")
		}
		want := fmt.Sprintf("event %s, HTTP %s, webhook %s and watcher 20, which is 40", bounds["event"], bounds["http"], bounds["webhook"])
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	})
}

// TestGcloudCommandsDeployWhatTerraformDeploys compares the functions.
func TestGcloudCommandsDeployWhatTerraformDeploys(t *testing.T) {
	text := strings.ReplaceAll(read(t, "README.md"), "\\\n", " ")
	made := defaultPlan(t)
	common := regexp.MustCompile(`(?m)^common=(.*)$`).FindStringSubmatch(text)[1]
	for part, args := range commands(t, text) {
		f := made.function(t, part)
		build, _ := f.body.at("build_config")
		service, _ := f.body.at("service_config")
		env := map[string]string{}
		for _, pair := range strings.Split(strings.ReplaceAll(args["set-env-vars"], "$common", common), ",") {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = strings.ReplaceAll(value, "$PROJECT", "my-project")
		}
		for name, value := range env {
			if got := f.environment()[name]; got != value {
				t.Errorf("%s: %s is %q, and Terraform's %q", part, name, value, got)
			}
		}
		ingress := map[string]string{"": "ALLOW_ALL", "internal-only": "ALLOW_INTERNAL_ONLY"}[args["ingress-settings"]]
		check(t, []row{
			{part + ": its target", args["entry-point"], build.text("entry_point")},
			{part + ": its memory", args["memory"], service.text("available_memory")},
			{part + ": its instances", args["max-instances"], service.text("max_instance_count")},
			{part + ": its concurrency", args["concurrency"], service.text("max_instance_request_concurrency")},
			{part + ": its timeout", args["timeout"], service.text("timeout_seconds")},
			{part + ": its timeout is set", env["CLOUD_RUN_TIMEOUT_SECONDS"], service.text("timeout_seconds")},
			{part + ": who reaches it", ingress, service.text("ingress_settings")},
			{part + ": its account", strings.ReplaceAll(args["service-account"], "$PROJECT", "my-project"), service.text("service_account_email")},
		})
	}
}

// commands are the flags with which the page deploys each function.
func commands(t testing.TB, text string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^deploy (\w+) (.*)$`).FindAllStringSubmatch(text, -1) {
		all[line[1]] = map[string]string{}
		for _, flag := range regexp.MustCompile(`--([a-z-]+)="?([^" ]*)`).FindAllStringSubmatch(line[2], -1) {
			all[line[1]][flag[1]] = flag[2]
		}
	}
	if len(all) != 3 {
		t.Fatalf("%d functions are deployed", len(all))
	}
	return all
}
