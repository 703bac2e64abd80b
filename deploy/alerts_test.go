package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/handler/outcome"
)

// anchors are the fragments that a page of Markdown has.
func anchors(text string) (all []string) {
	for _, h := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		slug := strings.ToLower(h[1])
		slug = regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(slug, "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	return all
}

// fires describes the conditions of an alert, one per line.
func fires(alert instance) (all []string) {
	for _, c := range alert.body.blocks["conditions"] {
		if b, ok := c.at("condition_threshold"); ok {
			line := fmt.Sprintf("%s %s for %s", map[string]string{"COMPARISON_GT": "above", "COMPARISON_LT": "below"}[b.text("comparison")], b.text("threshold_value"), b.text("duration"))
			if _, share := b.at("denominator_aggregations"); share != (b.text("denominator_filter") != "") {
				line += ", and half a denominator"
			} else if share {
				line = "share " + line
			}
			all = append(all, line)
		}
		if b, ok := c.at("condition_absent"); ok {
			all = append(all, "absent for "+b.text("duration"))
		}
		if _, ok := c.at("condition_matched_log"); ok {
			all = append(all, "logged")
		}
	}
	return all
}

func TestAlertsFire(t *testing.T) {
	want := map[string]string{
		"failures":       "above 0 for 0s",
		"dead_letters":   "above 0 for 0s",
		"oldest_request": "above 3600 for 300s",
		"server_errors":  "share above 0.05 for 300s AND above 5 for 300s",
		"quota":          "above 20 for 600s",
		"not_accepted":   "logged",
		"schedules":      "logged",
		"watcher_errors": "above 0 for 600s",
		"watcher_silent": "absent for 600s OR below 1 for 600s",
		"oldest_pending": "above 864000 for 300s", // ten days
		"deleted":        "logged",
	}
	got := map[string]string{}
	have := anchors(read(t, "README.md"))
	for _, a := range defaultPlan(t).ofType("google_monitoring_alert_policy") {
		got[a.key] = strings.Join(fires(a), " "+a.body.text("combiner")+" ")
		documentation, _ := a.body.at("documentation")
		links, _ := a.body.at("documentation", "links")
		url, fragment, _ := strings.Cut(links.text("url"), "#")
		if !slices.Contains(have, fragment) || !strings.HasSuffix(url, "deploy/README.md") {
			t.Errorf("%s: there is no runbook at %s", a.key, links.text("url"))
		}
		if !strings.Contains(documentation.text("content"), links.text("url")) {
			t.Errorf("%s: its mail does not link the runbook", a.key)
		}
		// The API takes a rate limit with a line of the log, and not without.
		if _, limited := a.body.at("alert_strategy", "notification_rate_limit"); limited != slices.Contains(fires(a), "logged") {
			t.Errorf("%s: it has a rate limit: %v", a.key, limited)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("they fire: %v\nwant: %v", got, want)
	}
}

// TestMetricsReadWhatTheFunctionsLog compares the names of fields and outcomes
// with those that the functions write.
func TestMetricsReadWhatTheFunctionsLog(t *testing.T) {
	made := defaultPlan(t)
	for name, want := range map[string]string{
		"outcomes":     `jsonPayload.outcome:*`,
		"ticks":        `jsonPayload.outcome:*`,
		"tick_errors":  `(jsonPayload.errors>0 OR severity>=ERROR)`,
		"eecu_seconds": `jsonPayload.message="eecu"`,
	} {
		metric := made.one(t, "google_logging_metric."+name)
		filter := metric.body.text("filter")
		if !strings.HasSuffix(strings.TrimSpace(filter), want) {
			t.Errorf("%s: its filter is %s", name, filter)
		}
		if name != "outcomes" && !strings.Contains(filter, `jsonPayload.trigger="watch"`) {
			t.Errorf("%s is not of the watcher alone: %s", name, filter)
		}
	}
	eecu := made.one(t, "google_logging_metric.eecu_seconds").body
	descriptor, _ := eecu.at("metric_descriptor")
	check(t, []row{
		{"a cost is summed up", eecu.text("value_extractor"), "EXTRACT(jsonPayload.eecuSeconds)"},
		{"as a distribution", descriptor.text("metric_kind") + " " + descriptor.text("value_type"), "DELTA DISTRIBUTION"},
		{"by project", eecu.attrs["label_extractors"].AsValueMap()["project"].AsString(), "EXTRACT(jsonPayload.project)"},
		{"and by workload tag", eecu.attrs["label_extractors"].AsValueMap()["workload_tag"].AsString(), "EXTRACT(jsonPayload.workloadTag)"},
	})
	quota, _ := made.one(t, `google_monitoring_alert_policy.this["quota"]`).body.at("conditions", "condition_threshold")
	if !strings.Contains(quota.text("filter"), fmt.Sprintf("metric.labels.outcome = %q", outcome.Quota)) {
		t.Errorf("the quota's alert filters by %s", quota.text("filter"))
	}
	accepted, _ := made.one(t, `google_monitoring_alert_policy.this["not_accepted"]`).body.at("conditions", "condition_matched_log")
	if !strings.Contains(accepted.text("filter"), `jsonPayload.reason="DEPLOYMENT_NOT_ACCEPTED"`) {
		t.Errorf("the deployment's alert filters by %s", accepted.text("filter"))
	}
}

func TestTheDashboardShowsTheCost(t *testing.T) {
	text := defaultPlan(t).one(t, "google_monitoring_dashboard.this").body.text("dashboard_json")
	if want := "logging_googleapis_com:user_eeexport_eecu_seconds_sum{"; !json.Valid([]byte(text)) || !strings.Contains(text, want) {
		t.Errorf("no chart of %s", want)
	}
}
