package deploy_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestVariablesAndOutputs(t *testing.T) {
	for _, dir := range moduleDirs {
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
			if dir == moduleDir && !validated {
				t.Errorf("variable %s is not validated", b.Labels[0])
			}
		}
	}
}

// TestValues checks what the variables accept and refuse.
func TestValues(t *testing.T) {
	m := parseModule(t, moduleDir)
	nightly := func(change string) string {
		return `{ nightly = merge({ cron = "0 3 * * *", request_file = "` + request + `" }, { ` + change + ` }) }`
	}
	// file is a request with a request ID.
	file := func(requestID string) string {
		name := filepath.Join(t.TempDir(), "request.json")
		if err := os.WriteFile(name, []byte(`{"requestId": "`+requestID+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, tc := range []struct {
		name, variable, value string
		with                  map[string]string
		ok                    bool
	}{
		{name: "a project's ID", variable: "project", value: `"my-project"`, ok: true},
		{name: "a project's full name", variable: "project", value: `"projects/my-project"`},
		{name: "a project's number", variable: "project", value: `"123456789"`},
		{name: "a zone is not a region", variable: "region", value: `"us-central1-a"`},
		{name: "a long name leaves no room for an account's", variable: "name", value: `"a-name-of-21-letters1"`},
		{name: "a label in capitals", variable: "labels", value: `{ Team = "x" }`},

		{name: "projects, and any", variable: "allowed_projects", value: `["my-project", "projects/other-project", "*"]`, ok: true},
		{name: "two projects in one", variable: "allowed_projects", value: `["my-project,other-project"]`},
		{name: "an asset's folder", variable: "allowed_assets", value: `["projects/p/assets/models"]`, ok: true},
		{name: "no asset", variable: "allowed_assets", value: `["models"]`},
		{name: "assets, a catalog and a bucket to read", variable: "allowed_reads", value: `["projects/p/assets", "COPERNICUS/S2", "gs://bucket/models"]`, ok: true},
		{name: "two reads in one", variable: "allowed_reads", value: `["COPERNICUS,LANDSAT"]`},
		{name: "a pattern of reads", variable: "allowed_reads", value: `["projects/p/*"]`},
		{name: "a week to wait", variable: "request_max_age", value: `"604800s"`, ok: true},
		{name: "a wait in days", variable: "request_max_age", value: `"7d"`},
		{name: "a wait that a subscription forgets", variable: "request_max_age", value: `"2678401s"`},
		{name: "an unknown level", variable: "expression_check", value: `"lax"`},
		{name: "no room for a request", variable: "max_request_bytes", value: `0`},
		{name: "half a byte", variable: "max_request_bytes", value: `2000.5`},
		{name: "tokens over plain HTTP", variable: "earth_engine_endpoint", value: `"http://earthengine.googleapis.com"`},
		{name: "a password in a URL", variable: "earth_engine_endpoint", value: `"https://me:secret@example.com"`},

		{name: "the default bounds", variable: "bounds", value: `{}`, ok: true},
		{name: "one instance more is above the quota", variable: "bounds", value: `{ event_instances = 3 }`},
		{name: "one request more is above the quota", variable: "bounds", value: `{ http_concurrency = 3 }`},
		{name: "more if Google has raised the quota", variable: "bounds", value: `{ event_instances = 10 }`, with: map[string]string{"earth_engine_concurrency": "200"}, ok: true},
		{name: "no instance", variable: "bounds", value: `{ http_instances = 0 }`},
		{name: "half an instance", variable: "bounds", value: `{ http_instances = 0.5 }`},
		{name: "a timeout above the acknowledgement deadline", variable: "timeout_seconds", value: `600`},
		{name: "memory in decimal", variable: "memory", value: `"1G"`},
		{name: "a warm instance", variable: "min_instances", value: `{ http = 2 }`, ok: true},
		{name: "more warm instances than there may be", variable: "min_instances", value: `{ http = 3 }`},
		{name: "attempts that end before an event can wait", variable: "max_delivery_attempts", value: `50`},
		{name: "attempts that Pub/Sub does not count to", variable: "max_delivery_attempts", value: `101`},
		{name: "longer than Pub/Sub keeps", variable: "retention_days", value: `32`},
		{name: "not kept at all", variable: "topic_retention_days", value: `0`},

		{name: "named callers", variable: "invokers", value: `["user:ann@example.com", "serviceAccount:a@b.iam.gserviceaccount.com"]`, ok: true},
		{name: "everybody is not a named caller", variable: "invokers", value: `["allUsers"]`},
		{name: "everybody with a Google account is not a named caller", variable: "invokers", value: `["allAuthenticatedUsers"]`},
		{name: "everybody is not a named publisher", variable: "publishers", value: `["allUsers"]`},
		{name: "everybody is not a named operator", variable: "operators", value: `["allAuthenticatedUsers"]`},
		{name: "public without a secret", variable: "public", value: `true`},
		{name: "public with a secret", variable: "public", value: `true`, with: map[string]string{"webhook_secret": `"eeexport-webhook"`}, ok: true},
		{name: "the secret itself", variable: "webhook_secret", value: `"whsec_c2VjcmV0"`},
		{name: "an invalid version", variable: "webhook_secret_version", value: `"newest"`},

		{name: "a schedule", variable: "schedules", value: nightly(""), ok: true},
		{name: "a schedule with all it can have", variable: "schedules", value: nightly(`time_zone = "Europe/Zurich", description = "x", paused = true`), ok: true},
		{name: "four fields of cron", variable: "schedules", value: nightly(`cron = "0 3 * *"`)},
		{name: "no such file", variable: "schedules", value: nightly(`request_file = "none.json"`)},
		{name: "a file that is not JSON", variable: "schedules", value: nightly(`request_file = "README.md"`)},
		{name: "a request ID that every run would share", variable: "schedules", value: nightly(`request_file = "` + file("a") + `"`)},
		{name: "a request ID for each day", variable: "schedules", value: nightly(`request_file = "` + file("a-{date}") + `"`), ok: true},
		{name: "the watcher's name", variable: "schedules", value: `{ watcher = { cron = "0 3 * * *", request_file = "` + request + `" } }`},
		{name: "larger than Scheduler takes", variable: "schedules", value: nightly(`request_file = "` + file(strings.Repeat("{", 750_000)) + `"`)},
		{name: "a name that no job can have", variable: "schedules", value: `{ "Every Night" = { cron = "0 3 * * *", request_file = "` + request + `" } }`},

		{name: "no address", variable: "alert_emails", value: `["ann"]`},
		{name: "a channel's short name", variable: "notification_channels", value: `["1"]`},
		{name: "a share above one", variable: "alert_thresholds", value: `{ server_error_ratio = 5 }`},
		{name: "a fragment, which the alert adds", variable: "runbook_url", value: `"https://example.com/#top"`},
		{name: "a collector without a scheme", variable: "otlp_endpoint", value: `"collector:4318"`},
		{name: "an image by its digest", variable: "image", value: `"us-docker.pkg.dev/p/r/server@sha256:` + strings.Repeat("0a", 32) + `"`, ok: true},
		{name: "an image by a tag", variable: "image", value: `"us-docker.pkg.dev/p/r/server:1.0.0"`, ok: true},
		{name: "an image that changes", variable: "image", value: `"us-docker.pkg.dev/p/r/server:latest"`},
		{name: "an image without a version", variable: "image", value: `"us-docker.pkg.dev/p/r/server"`},
		{name: "a key's version", variable: "kms_key", value: `"projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"`},
		{name: "an egress connector", variable: "vpc", value: `{ connector = "projects/p/locations/l/connectors/c", egress = "ALL_TRAFFIC" }`, ok: true},
		{name: "a connector's short name", variable: "vpc", value: `{ connector = "c" }`},
		{name: "an unknown egress", variable: "vpc", value: `{ connector = "projects/p/locations/l/connectors/c", egress = "ALL" }`},
		{name: "a custom role", variable: "earth_engine_role", value: `"organizations/1/roles/exporter"`, ok: true},
		{name: "no role", variable: "earth_engine_role", value: `"earthengine.writer"`},
		{name: "another language", variable: "runtime", value: `"python312"`},
		{name: "less than Earth Engine gives anybody", variable: "earth_engine_concurrency", value: `0`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			values := map[string]string{"project": `"my-project"`}
			maps.Copy(values, tc.with)
			values[tc.variable] = tc.value
			vars, err := m.values(given(t, values))
			if err == nil {
				err = m.validate(tc.variable, vars)
			}
			if (err == nil) != tc.ok {
				t.Errorf("%s = %s: %v", tc.variable, tc.value, err)
			}
		})
	}
}
