package handler

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
)

const (
	defaultMaxRequestBytes = 10 << 20
	defaultTimeout         = 60 * time.Second
)

// Config is the deployment's configuration. [ConfigFromEnv] reads it from the
// environment variables that stand beside the fields.
type Config struct {
	// Project owns the topics and is charged for exports whose request names
	// none: an ID without "projects/". Where it is empty, it is the
	// credentials' project, or what the metadata server says.
	// GOOGLE_CLOUD_PROJECT.
	Project string
	// OperationsTopic is where started Operations are published: a topic ID in
	// Project, or projects/*/topics/*. Required. OPERATIONS_TOPIC.
	OperationsTopic string
	// FailuresTopic is where events that can never succeed are published; empty
	// for nowhere. FAILURES_TOPIC.
	FailuresTopic string
	// CompletionsTopic is where the ends of Operations are published, and
	// PendingSubscription, an ID in Project or projects/*/subscriptions/*, is
	// where the watcher finds the started ones. COMPLETIONS_TOPIC,
	// PENDING_SUBSCRIPTION.
	CompletionsTopic, PendingSubscription string
	// AllowedProjects are the projects that a request may name, each
	// projects/P, or "*"; empty for Project alone. ALLOWED_PROJECTS.
	AllowedProjects []string
	// AllowedAssets are prefixes of the asset names that may be written, on /
	// boundaries, or "*"; empty for the assets of every allowed project.
	// ALLOWED_ASSETS.
	AllowedAssets []string
	// WebhookSecrets are those that a request's Standard Webhooks signature is
	// checked with; none demand no signature. WEBHOOK_SECRET.
	WebhookSecrets webhookSecrets
	// ExpressionCheck is how far expressions are checked. EXPRESSION_CHECK.
	ExpressionCheck expression.Level
	// MaxRequestBytes is the size of the largest request that is accepted.
	// MAX_REQUEST_BYTES.
	MaxRequestBytes int64
	// EarthEngineEndpoint is Earth Engine's base URL, called with credentials.
	// EARTHENGINE_ENDPOINT.
	EarthEngineEndpoint string
	// EarthEngineEmulatorHost is host:port of a stand-in, called over plain HTTP
	// and without credentials; it goes before EarthEngineEndpoint.
	// EARTHENGINE_EMULATOR_HOST.
	EarthEngineEmulatorHost string
	// Timeout is the platform's for one request. CLOUD_RUN_TIMEOUT_SECONDS.
	Timeout time.Duration
}

// ConfigFromEnv reads the configuration through getenv, which is [os.Getenv]
// but in tests. An empty value is an unset one. What is required depends on the
// function that FUNCTION_TARGET names: the watcher needs topics and
// subscriptions of its own and not the exporters', and the exporters not its.
// The error names every variable that is wrong, a line each.
func ConfigFromEnv(getenv func(string) string) (Config, error) {
	r := envReader{getenv: getenv}
	watches := getenv("FUNCTION_TARGET") == "WatchOperations"
	cfg := Config{
		Project:                 r.projectID("GOOGLE_CLOUD_PROJECT"),
		OperationsTopic:         r.resource("OPERATIONS_TOPIC", "topics", !watches),
		FailuresTopic:           r.resource("FAILURES_TOPIC", "topics", false),
		CompletionsTopic:        r.resource("COMPLETIONS_TOPIC", "topics", watches),
		PendingSubscription:     r.resource("PENDING_SUBSCRIPTION", "subscriptions", watches),
		AllowedProjects:         r.list("ALLOWED_PROJECTS", projectName, isProjectName, "a project ID"),
		AllowedAssets:           r.list("ALLOWED_ASSETS", assetPrefix, isAssetPrefix, "a prefix projects/*/assets or projects/*/assets/**"),
		WebhookSecrets:          r.webhookSecrets("WEBHOOK_SECRET"),
		ExpressionCheck:         r.expressionCheck("EXPRESSION_CHECK"),
		MaxRequestBytes:         r.positive("MAX_REQUEST_BYTES", defaultMaxRequestBytes, math.MaxInt32),
		EarthEngineEndpoint:     r.baseURL("EARTHENGINE_ENDPOINT", eeclient.DefaultEndpoint),
		EarthEngineEmulatorHost: r.host("EARTHENGINE_EMULATOR_HOST"),
		Timeout:                 time.Duration(r.positive("CLOUD_RUN_TIMEOUT_SECONDS", int64(defaultTimeout/time.Second), 24*3600)) * time.Second,
	}
	return cfg, errors.Join(r.wrong...)
}

// envReader reads variables and collects what is wrong with them.
type envReader struct {
	getenv func(string) string
	wrong  []error
}

func (r *envReader) fail(name, format string, args ...any) {
	r.wrong = append(r.wrong, errors.New(name+": "+fmt.Sprintf(format, args...)))
}

func (r *envReader) projectID(name string) string {
	v := strings.TrimPrefix(r.getenv(name), "projects/")
	if v != "" && !isProjectName(projectName(v)) {
		r.fail(name, "%s is not a project ID", quote(v))
	}
	return v
}

// resource reads the name of a topic or a subscription.
func (r *envReader) resource(name, collection string, required bool) string {
	v := r.getenv(name)
	form := "an ID or projects/*/" + collection + "/*"
	switch {
	case v == "" && required:
		r.fail(name, "required: %s", form)
	case v != "" && !isResource(v, collection):
		r.fail(name, "%s is not %s", quote(v), form)
	}
	return v
}

// list reads comma-separated values, or "*".
func (r *envReader) list(name string, canonical func(string) string, valid func(string) bool, what string) (values []string) {
	v := r.getenv(name)
	if v == "" {
		return nil
	}
	for item := range strings.SplitSeq(v, ",") {
		item = strings.TrimSpace(item)
		if item != anyAllowed {
			item = canonical(item)
			if !valid(item) {
				r.fail(name, "%s is neither %s nor *", quote(item), what)
			}
		}
		values = append(values, item)
	}
	return values
}

func (r *envReader) webhookSecrets(name string) webhookSecrets {
	secrets, err := parseWebhookSecrets(r.getenv(name))
	if err != nil {
		r.fail(name, "%s", err)
	}
	return secrets
}

func (r *envReader) expressionCheck(name string) expression.Level {
	v := r.getenv(name)
	if v == "" {
		return expression.Strict
	}
	level, err := expression.ParseLevel(v)
	if err != nil {
		r.fail(name, "%s is none of strict, structure and off", quote(v))
	}
	return level
}

func (r *envReader) positive(name string, unset, most int64) int64 {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 || n > most {
		r.fail(name, "%s is not a whole number from 1 to %d", quote(v), most)
	}
	return n
}

func (r *envReader) baseURL(name, unset string) string {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		// The value is not quoted: a URL may hold a password.
		r.fail(name, "not a base URL such as %s", unset)
	}
	return v
}

func (r *envReader) host(name string) string {
	v := r.getenv(name)
	if u, err := url.Parse("http://" + v); v != "" && (err != nil || u.Host != v || u.Port() == "") {
		r.fail(name, "%s is not host:port", quote(v))
	}
	return v
}

// projectName gives projects/P for P or projects/P.
func projectName(p string) string {
	return "projects/" + strings.TrimPrefix(p, "projects/")
}

func assetPrefix(p string) string { return strings.TrimRight(p, "/") }

// isAssetPrefix tells whether an asset's name can follow p and a slash.
func isAssetPrefix(p string) bool { return isAssetName(p + "/x") }

// isResource tells whether v is a topic's or subscription's ID or full name
// (https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names).
func isResource(v, collection string) bool {
	if project, id, ok := strings.Cut(v, "/"+collection+"/"); ok {
		return isProjectName(project) && isResourceID(id)
	}
	return isResourceID(v)
}

func isResourceID(id string) bool {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	return len(id) >= 3 && len(id) <= 255 && letter(id[0]) && !strings.HasPrefix(id, "goog") &&
		consistsOf(id, isAlnum, '-', '.', '_', '~', '+', '%')
}

// time is how long one request may take: all that the platform gives, less what
// it takes to answer.
func (c *Config) time() time.Duration {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return timeout - min(timeout/10, time.Second)
}

// keepBack returns a context that ends early enough to publish afterwards.
func (c *Config) keepBack(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline()
	return context.WithDeadline(ctx, deadline.Add(-min(c.time()/4, publishTimeout)))
}
