package handler

import (
	"cmp"
	"errors"
	"math"
	"time"

	"google.golang.org/api/option"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/webhook"
)

const (
	defaultMaxRequestBytes = 10 << 20
	defaultTimeout         = 60 * time.Second
	defaultMaxAge          = 7 * 24 * time.Hour
)

// Config is the configuration that all functions share. Each field's comment ends
// with the environment variable that sets it.
type Config struct {
	// Project owns the topics and is charged for exports whose request names no
	// project: an ID without "projects/". If empty, the project of the
	// credentials or of the metadata server is used. GOOGLE_CLOUD_PROJECT.
	Project string
	// EarthEngineEndpoint is Earth Engine's base URL, called with credentials; the
	// public one if empty.
	// EARTHENGINE_ENDPOINT.
	EarthEngineEndpoint string
	// EarthEngineEmulatorHost is the host:port of a stand-in, called over plain
	// HTTP and without credentials. It overrides EarthEngineEndpoint.
	// EARTHENGINE_EMULATOR_HOST.
	EarthEngineEmulatorHost string
	// Timeout is the platform's timeout of a request; 60 s if 0.
	// CLOUD_RUN_TIMEOUT_SECONDS.
	Timeout time.Duration

	// EarthEngine and PubSub are additional options for the clients, for
	// programs with their own transports. No variable sets them.
	EarthEngine []eeclient.Option
	PubSub      []option.ClientOption
}

// ExporterConfig is the configuration of ExportClassifier and
// ExportClassifierEvent.
type ExporterConfig struct {
	Config
	// OperationsTopic is where started Operations are published: a topic ID in
	// Project, or projects/*/topics/*. Required. OPERATIONS_TOPIC.
	OperationsTopic string
	// FailuresTopic is where events that can never succeed are published. If
	// empty, they are not. FAILURES_TOPIC.
	FailuresTopic string
	// RequestsTopic is where an event that has to wait is published again. If
	// empty, it is only redelivered. REQUESTS_TOPIC.
	RequestsTopic string
	// RequestMaxAge is how long an event may wait; 7 days if 0. REQUEST_MAX_AGE.
	RequestMaxAge time.Duration
	// AllowedProjects are the projects that a request may name, each
	// projects/P, or "*"; empty for Project alone. ALLOWED_PROJECTS.
	AllowedProjects []string
	// AllowedAssets are prefixes of the names of assets that may be written, on
	// / boundaries, or "*"; empty for the assets of every allowed project.
	// ALLOWED_ASSETS.
	AllowedAssets []string
	// AllowedReads are prefixes of what an expression may load; empty for
	// anything. ALLOWED_READS.
	AllowedReads []string
	// WebhookSecrets are the keys of Standard Webhooks signatures. If there are
	// none, no signature is required. WEBHOOK_SECRET.
	WebhookSecrets webhook.Secrets
	// ExpressionCheck is how thoroughly expressions are checked.
	// EXPRESSION_CHECK.
	ExpressionCheck expression.Level
	// MaxRequestBytes is the size of the largest request accepted; 10 MiB if 0.
	// MAX_REQUEST_BYTES.
	MaxRequestBytes int64
}

// WatcherConfig is the configuration of WatchOperations.
type WatcherConfig struct {
	Config
	// CompletionsTopic is where the ends of Operations are published. Required.
	// COMPLETIONS_TOPIC.
	CompletionsTopic string
	// PendingSubscription, an ID in Project or projects/*/subscriptions/*, holds
	// the started Operations. Required. PENDING_SUBSCRIPTION.
	PendingSubscription string
}

// ExporterConfigFromEnv reads the configuration through getenv, which is
// [os.Getenv] except in tests. An empty variable counts as unset. The error
// names every wrong or missing variable, one per line.
func ExporterConfigFromEnv(getenv func(string) string) (ExporterConfig, error) {
	r := envReader{getenv: getenv}
	cfg := ExporterConfig{
		Config:          r.config(),
		OperationsTopic: r.resource("OPERATIONS_TOPIC", "topics", true),
		FailuresTopic:   r.resource("FAILURES_TOPIC", "topics", false),
		RequestsTopic:   r.resource("REQUESTS_TOPIC", "topics", false),
		RequestMaxAge:   r.duration("REQUEST_MAX_AGE"),
		AllowedProjects: r.list("ALLOWED_PROJECTS", allowedProject, "a project ID"),
		AllowedAssets:   r.list("ALLOWED_ASSETS", allowedAsset, "a prefix projects/*/assets or projects/*/assets/**"),
		AllowedReads:    r.list("ALLOWED_READS", allowedRead, "a prefix of asset names or gs://bucket/…"),
		WebhookSecrets:  r.webhookSecrets("WEBHOOK_SECRET"),
		ExpressionCheck: r.expressionCheck("EXPRESSION_CHECK"),
		MaxRequestBytes: r.positive("MAX_REQUEST_BYTES", math.MaxInt32),
	}
	return cfg, errors.Join(r.wrong...)
}

// WatcherConfigFromEnv is [ExporterConfigFromEnv] for the watcher.
func WatcherConfigFromEnv(getenv func(string) string) (WatcherConfig, error) {
	r := envReader{getenv: getenv}
	cfg := WatcherConfig{
		Config:              r.config(),
		CompletionsTopic:    r.resource("COMPLETIONS_TOPIC", "topics", true),
		PendingSubscription: r.resource("PENDING_SUBSCRIPTION", "subscriptions", true),
	}
	return cfg, errors.Join(r.wrong...)
}

func (r *envReader) config() Config {
	return Config{
		Project:                 r.projectID("GOOGLE_CLOUD_PROJECT"),
		EarthEngineEndpoint:     r.endpoint("EARTHENGINE_ENDPOINT"),
		EarthEngineEmulatorHost: r.host("EARTHENGINE_EMULATOR_HOST"),
		Timeout:                 time.Duration(r.positive("CLOUD_RUN_TIMEOUT_SECONDS", 24*3600)) * time.Second,
	}
}

// budget is how long one request may take: the platform's timeout, less the time
// to answer.
func (c *Config) budget() time.Duration {
	timeout := cmp.Or(c.Timeout, defaultTimeout)
	return timeout - min(timeout/10, time.Second)
}

// publishReserve is the part of the budget that is reserved for publishing.
func (c *Config) publishReserve() time.Duration {
	return min(c.budget()/4, message.PublishTimeout)
}
