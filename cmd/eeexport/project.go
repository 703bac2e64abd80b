package main

import (
	"bufio"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// errNoProject is the error of a command that needs a project.
var errNoProject = usageError{errors.New("no project is known: give --project, set GOOGLE_CLOUD_PROJECT, or run 'gcloud config set project'")}

// findProject returns the ID of the project that a person means, the first of:
//
//  1. flag, with or without projects/
//  2. GOOGLE_CLOUD_PROJECT
//  3. CLOUDSDK_CORE_PROJECT, gcloud's own override
//  4. the project of gcloud's active configuration
//  5. credentials, the project that they belong to
//
// It is "" if there is none.
func findProject(flag, credentials string) string {
	project := cmp.Or(flag, os.Getenv("GOOGLE_CLOUD_PROJECT"), os.Getenv("CLOUDSDK_CORE_PROJECT"), gcloudProject(), credentials)
	return strings.TrimPrefix(project, "projects/")
}

// gcloudProject returns core/project of gcloud's active configuration; "" if
// there is none (https://cloud.google.com/sdk/docs/configurations).
func gcloudProject() string {
	dir := gcloudDir()
	name := os.Getenv("CLOUDSDK_ACTIVE_CONFIG_NAME")
	if name == "" {
		active, _ := os.ReadFile(filepath.Join(dir, "active_config"))
		name = cmp.Or(strings.TrimSpace(string(active)), "default")
	}
	file, err := os.Open(filepath.Join(dir, "configurations", "config_"+filepath.Base(name)))
	if err != nil {
		return ""
	}
	defer file.Close()
	section := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			section = line
		}
		if key, value, ok := strings.Cut(line, "="); ok && section == "[core]" && strings.TrimSpace(key) == "project" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// gcloudDir returns where gcloud keeps its configuration.
func gcloudDir() string {
	if dir := os.Getenv("CLOUDSDK_CONFIG"); dir != "" {
		return dir
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("APPDATA"), "gcloud")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".config", "gcloud")
}
