package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"example.com/eeexport/handler"
)

// function is one of Cloud Functions
// (https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions).
type function struct {
	Name          string // projects/*/locations/*/functions/*
	State         string
	StateMessages []struct{ Message string }
	BuildConfig   struct{ EntryPoint string }
	ServiceConfig struct {
		URI                        string
		TimeoutSeconds             int
		EnvironmentVariables       map[string]string
		SecretEnvironmentVariables []struct{ Key string }
	}
}

// entryPoints are the functions of a deployment, each with its purpose.
var entryPoints = []struct{ name, what string }{
	{"ExportClassifier", "takes requests by HTTP"},
	{"ExportClassifierEvent", "takes requests by Pub/Sub"},
	{"WatchOperations", "publishes how Operations have ended"},
}

func (d *doctor) checkFunctions(ctx context.Context) {
	var answer struct {
		Functions   []*function
		Unreachable []string
	}
	if err := d.api.get(ctx, "cloudfunctions", "/v2/projects/"+d.Project+"/locations/-/functions?pageSize=1000", &answer); err != nil {
		d.unknown("functions", err)
		return
	}
	d.functions = map[string]*function{}
	for _, f := range answer.Functions {
		if strings.HasPrefix(path.Base(f.Name), d.Name+"-") {
			// The function for webhooks has the same entry point.
			if _, other := d.functions[f.BuildConfig.EntryPoint]; !other || !f.isSecret("WEBHOOK_SECRET") {
				d.functions[f.BuildConfig.EntryPoint] = f
			}
		}
	}
	for _, entry := range entryPoints {
		check := "function " + entry.name
		f := d.functions[entry.name]
		switch {
		case f != nil:
			d.checkFunction(check, f)
		case len(answer.Unreachable) > 0:
			d.unknown(check, fmt.Errorf("these regions did not answer: %s", strings.Join(answer.Unreachable, ", ")))
		default:
			d.wrong(check, "terraform apply", "no function whose name begins with %s- %s", d.Name, entry.what)
		}
	}
}

func (d *doctor) checkFunction(check string, f *function) {
	if f.State != "ACTIVE" {
		message := ""
		if len(f.StateMessages) > 0 {
			message = ": " + f.StateMessages[0].Message
		}
		d.wrong(check, fmt.Sprintf("gcloud functions logs read %s --region=%s --project=%s", path.Base(f.Name), f.region(), d.Project), "it is %s%s", f.State, message)
		return
	}
	if faults := f.faults(d.Project); len(faults) > 0 {
		for _, fault := range faults {
			d.wrong(check, fault.fix, "%s", fault.text)
		}
		return
	}
	d.ok(check, "%s is active and configured right", path.Base(f.Name))
}

// fault is what is wrong with one setting, and the command that fixes it.
type fault struct{ fix, text string }

// faults reads the variables as the function itself does.
func (f *function) faults(project string) (found []fault) {
	env := f.ServiceConfig.EnvironmentVariables
	add := func(variable, value, text string) {
		found = append(found, fault{fmt.Sprintf("gcloud run services update %s --region=%s --project=%s --update-env-vars=%s=%s",
			path.Base(f.Name), f.region(), project, variable, value), variable + ": " + text})
	}
	getenv := func(name string) string { return env[name] }
	var err error
	if f.BuildConfig.EntryPoint == "WatchOperations" {
		_, err = handler.WatcherConfigFromEnv(getenv)
	} else {
		_, err = handler.ExporterConfigFromEnv(getenv)
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			variable, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if !f.isSecret(variable) { // its value cannot be seen here
				add(variable, "VALUE", text)
			}
		}
	}
	known := cmp.Or(env["CLOUD_RUN_TIMEOUT_SECONDS"], "60")
	if seconds := strconv.Itoa(cmp.Or(f.ServiceConfig.TimeoutSeconds, 60)); known != seconds {
		add("CLOUD_RUN_TIMEOUT_SECONDS", seconds, "the function expects "+known+" s, but the platform's timeout is "+seconds+" s")
	}
	if f.BuildConfig.EntryPoint == "ExportClassifierEvent" {
		if env["FAILURES_TOPIC"] == "" {
			add("FAILURES_TOPIC", "TOPIC", "not set: a request that can never succeed is delivered until it is a dead letter")
		}
		if env["REQUESTS_TOPIC"] == "" {
			add("REQUESTS_TOPIC", "TOPIC", "not set: a request that waits for a daily quota is a dead letter after 100 deliveries")
		}
	}
	return found
}

// isSecret reports whether a variable comes from Secret Manager.
func (f *function) isSecret(name string) bool {
	for _, s := range f.ServiceConfig.SecretEnvironmentVariables {
		if s.Key == name {
			return true
		}
	}
	return false
}

func (f *function) region() string {
	parts := strings.Split(f.Name, "/")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

// env returns a variable of a function; "" if there is no such function or
// variable.
func (d *doctor) env(entryPoint, name string) string {
	if f := d.functions[entryPoint]; f != nil {
		return f.ServiceConfig.EnvironmentVariables[name]
	}
	return ""
}

// checkSchedule looks for the Cloud Scheduler job that calls WatchOperations.
func (d *doctor) checkSchedule(ctx context.Context) {
	const check = "watcher's schedule"
	f := d.functions["WatchOperations"]
	if f == nil || f.ServiceConfig.URI == "" {
		d.unknown(check, errors.New("the function that it calls was not found"))
		return
	}
	var answer struct {
		Jobs []struct {
			Name, State, Schedule string
			HTTPTarget            struct{ URI string }
			Status                struct{ Code int }
		}
	}
	if err := d.api.get(ctx, "cloudscheduler", "/v1/projects/"+d.Project+"/locations/"+f.region()+"/jobs?pageSize=500", &answer); err != nil {
		d.unknown(check, err)
		return
	}
	for _, job := range answer.Jobs {
		if !strings.HasPrefix(job.HTTPTarget.URI, f.ServiceConfig.URI) {
			continue
		}
		name := path.Base(job.Name)
		switch {
		case job.State != "ENABLED":
			d.wrong(check, fmt.Sprintf("gcloud scheduler jobs resume %s --location=%s --project=%s", name, f.region(), d.Project), "%s is %s", name, job.State)
		case job.Status.Code != 0:
			d.wrong(check, fmt.Sprintf("gcloud functions logs read %s --region=%s --project=%s", path.Base(f.Name), f.region(), d.Project), "the last call by %s failed with google.rpc.Code %d", name, job.Status.Code)
		default:
			d.ok(check, "%s calls it at %s", name, job.Schedule)
		}
		return
	}
	d.wrong(check, "terraform apply", "no job in %s calls %s: no end of an Operation is published", f.region(), path.Base(f.Name))
}
