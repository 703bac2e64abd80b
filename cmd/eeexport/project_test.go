package main

import (
	"os"
	"path/filepath"
	"testing"
)

// gcloud writes a configuration directory as gcloud does, and makes it the
// active one.
func gcloud(t *testing.T, active string, projects map[string]string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("CLOUDSDK_CONFIG", dir)
	if err := os.Mkdir(filepath.Join(dir, "configurations"), 0o700); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	if active != "" {
		files["active_config"] = active
	}
	for name, project := range projects {
		files["configurations/config_"+name] = "[core]\naccount = ann@example.com\nproject = " + project + "\n\n[run]\nproject = none\nregion = europe-west1\n"
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFindProject(t *testing.T) {
	both := map[string]string{"default": "of-default", "work": "of-work"}
	for _, tc := range []struct {
		name              string
		flag, credentials string
		env               map[string]string
		active            string
		configurations    map[string]string
		want              string
	}{
		{name: "nothing names one"},
		{name: "the credentials' own", credentials: "theirs", want: "theirs"},
		{name: "gcloud's configuration comes before it", credentials: "theirs", configurations: both, want: "of-default"},
		{name: "the active one of several", configurations: both, active: "work\n", want: "of-work"},
		{name: "or the one that the environment names", configurations: both, active: "default", env: map[string]string{"CLOUDSDK_ACTIVE_CONFIG_NAME": "work"}, want: "of-work"},
		{name: "a configuration that does not exist has none", configurations: both, active: "nowhere"},
		{name: "no file is read outside of the directory", configurations: both, active: "../config_work"},
		{name: "CLOUDSDK_CORE_PROJECT comes before gcloud's configuration", configurations: both, env: map[string]string{"CLOUDSDK_CORE_PROJECT": "override"}, want: "override"},
		{name: "GOOGLE_CLOUD_PROJECT comes before that", env: map[string]string{"CLOUDSDK_CORE_PROJECT": "override", "GOOGLE_CLOUD_PROJECT": "projects/mine"}, want: "mine"},
		{name: "and the flag before all", flag: "flag", env: map[string]string{"GOOGLE_CLOUD_PROJECT": "mine"}, want: "flag"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			gcloud(t, tc.active, tc.configurations)
			for name, value := range tc.env {
				t.Setenv(name, value)
			}
			if got := findProject(tc.flag, tc.credentials); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}
