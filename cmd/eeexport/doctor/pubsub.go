package doctor

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"example.com/eeexport/handler"
	"example.com/eeexport/handler/message"
)

// name returns the full name of a topic or a subscription: what a variable of a
// function says, or else what the deployment calls it.
func (d *doctor) name(collection, role, entryPoint, variable string) string {
	return message.ResourceName(d.Project, collection, cmp.Or(d.env(entryPoint, variable), d.Name+"-"+role))
}

// topics returns the full names of the topics by their roles.
func (d *doctor) topics() map[string]string {
	return map[string]string{
		"requests":     d.name("topics", "requests", "ExportClassifierEvent", "REQUESTS_TOPIC"),
		"operations":   d.name("topics", "operations", "ExportClassifierEvent", "OPERATIONS_TOPIC"),
		"failures":     d.name("topics", "failures", "ExportClassifierEvent", "FAILURES_TOPIC"),
		"completions":  d.name("topics", "completions", "WatchOperations", "COMPLETIONS_TOPIC"),
		"dead-letters": d.name("topics", "dead-letters", "", ""),
	}
}

func (d *doctor) checkTopics(ctx context.Context) {
	topics := d.topics()
	for _, role := range []string{"requests", "operations", "completions", "failures", "dead-letters"} {
		check, name := "topic "+role, topics[role]
		var topic struct{ State string }
		err := d.api.get(ctx, "pubsub", "/v1/"+name, &topic)
		switch {
		case notFound(err):
			d.wrong(check, "gcloud pubsub topics create "+name, "%s does not exist", path.Base(name))
		case err != nil:
			d.unknown(check, err)
		case topic.State != "" && topic.State != "ACTIVE":
			d.wrong(check, "gcloud pubsub topics describe "+name, "%s is %s", path.Base(name), topic.State)
		default:
			d.checkPublisher(ctx, check, role, name)
		}
	}
}

// checkPublisher asks whether a service account that is impersonated can publish
// what the exporter publishes. Nobody else needs to.
func (d *doctor) checkPublisher(ctx context.Context, check, role, name string) {
	const publish = "pubsub.topics.publish"
	if d.Impersonate == "" || role == "completions" || role == "dead-letters" {
		d.ok(check, "%s exists", path.Base(name))
		return
	}
	held, err := d.permitted(ctx, "pubsub", "/v1/"+name, []string{publish})
	switch {
	case err != nil:
		d.unknown(check, err)
	case len(held) == 0:
		d.wrong(check, fmt.Sprintf("gcloud pubsub topics add-iam-policy-binding %s --member=%s --role=roles/pubsub.publisher", name, d.who),
			"%s cannot publish to %s", d.who, path.Base(name))
	default:
		d.ok(check, "%s exists, and %s can publish to it", path.Base(name), d.who)
	}
}

// subscription is one of Pub/Sub
// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions).
type subscription struct {
	Name               string
	Topic              string
	State              string
	Detached           bool
	AckDeadlineSeconds int
	Retention          string            `json:"messageRetentionDuration"`
	ExpirationPolicy   map[string]string // {} for never
	PushConfig         struct {
		PushEndpoint string
		OIDCToken    *struct{}
		NoWrapper    *struct{ WriteMetadata bool }
	}
	DeadLetterPolicy *struct {
		DeadLetterTopic     string
		MaxDeliveryAttempts int
	}
}

// longestRetention is Pub/Sub's. An Operation may run for ten days, and wait
// before that.
const longestRetention = 31 * 24 * time.Hour

func (d *doctor) checkSubscriptions(ctx context.Context) {
	topics := d.topics()
	for _, s := range []struct {
		role, name, topic string
		faults            func(*subscription) []fault
	}{
		{"requests", d.name("subscriptions", "requests", "", ""), topics["requests"], d.pushFaults},
		{"pending", d.name("subscriptions", "pending", "WatchOperations", "PENDING_SUBSCRIPTION"), topics["operations"], pendingFaults},
		{"failures", d.name("subscriptions", "failures", "", ""), topics["failures"], nil},
		{"dead-letters", d.name("subscriptions", "dead-letters", "", ""), topics["dead-letters"], nil},
	} {
		check := "subscription " + s.role
		var found subscription
		err := d.api.get(ctx, "pubsub", "/v1/"+s.name, &found)
		if notFound(err) {
			d.wrong(check, "terraform apply", "%s does not exist", path.Base(s.name))
			continue
		}
		if err != nil {
			d.unknown(check, err)
			continue
		}
		faults := found.faults(s.topic)
		if s.faults != nil {
			faults = append(faults, s.faults(&found)...)
		}
		for _, f := range faults {
			d.wrong(check, cmp.Or(f.fix, "terraform apply"), "%s %s", path.Base(s.name), f.text)
		}
		if len(faults) == 0 {
			d.ok(check, "%s has the right settings", path.Base(s.name))
		}
	}
}

// update is the command that sets a flag of the subscription.
func (s *subscription) update(flag string) string {
	return "gcloud pubsub subscriptions update " + s.Name + " " + flag
}

// faults are those that every subscription can have. A subscription whose fault
// has no fix has to be recreated.
func (s *subscription) faults(topic string) (found []fault) {
	switch {
	case s.Topic == "_deleted-topic_":
		return []fault{{text: "receives nothing: its topic was deleted"}}
	case s.Detached:
		return []fault{{text: "receives nothing: it is detached"}}
	case s.Topic != topic:
		found = append(found, fault{text: "is on " + s.Topic + " and not on " + topic})
	case s.State == "RESOURCE_ERROR":
		found = append(found, fault{text: "cannot deliver: Pub/Sub reports RESOURCE_ERROR"})
	}
	if ttl := s.ExpirationPolicy["ttl"]; ttl != "" {
		found = append(found, fault{s.update("--expiration-period=never"), "is deleted after " + ttl + " without use"})
	}
	return found
}

// pushFaults are those of the subscription that calls ExportClassifierEvent.
func (d *doctor) pushFaults(s *subscription) (found []fault) {
	push := s.PushConfig
	switch {
	case push.PushEndpoint == "":
		found = append(found, fault{text: "calls no function"})
	case push.OIDCToken == nil && strings.HasPrefix(push.PushEndpoint, "https://"):
		found = append(found, fault{s.update("--push-auth-service-account=ACCOUNT"), "calls the function without a token, which is refused"})
	case push.NoWrapper != nil && !push.NoWrapper.WriteMetadata:
		found = append(found, fault{s.update("--push-no-wrapper-write-metadata"), "unwraps messages without their metadata: every redelivery would be a new export"})
	}
	switch policy := s.DeadLetterPolicy; {
	case policy == nil:
		found = append(found, fault{s.update("--dead-letter-topic=" + d.topics()["dead-letters"]), "has no dead-letter topic, so nothing counts the deliveries of a request"})
	case policy.MaxDeliveryAttempts <= handler.WaitFrom && d.env("ExportClassifierEvent", "REQUESTS_TOPIC") != "":
		found = append(found, fault{s.update("--max-delivery-attempts=100"),
			fmt.Sprintf("gives up a request after %d deliveries, before it is published again to wait", policy.MaxDeliveryAttempts)})
	}
	if f := d.functions["ExportClassifierEvent"]; f != nil && s.AckDeadlineSeconds <= f.ServiceConfig.TimeoutSeconds {
		found = append(found, fault{s.update("--ack-deadline=600"),
			fmt.Sprintf("delivers a request again after %d s, while the function may still work on it for %d s", s.AckDeadlineSeconds, f.ServiceConfig.TimeoutSeconds)})
	}
	return found
}

// pendingFaults are those of the subscription that holds what WatchOperations
// watches.
func pendingFaults(s *subscription) (found []fault) {
	if s.PushConfig.PushEndpoint != "" {
		found = append(found, fault{"gcloud pubsub subscriptions modify-push-config " + s.Name + " --push-endpoint=", "pushes, and WatchOperations pulls"})
	}
	if s.DeadLetterPolicy != nil {
		found = append(found, fault{s.update("--clear-dead-letter-policy"), "has a dead-letter policy: each check of an Operation counts as a delivery"})
	}
	if kept, err := time.ParseDuration(s.Retention); err == nil && kept < longestRetention {
		found = append(found, fault{s.update("--message-retention-duration=31d"),
			fmt.Sprintf("forgets an Operation after %v; it may take longer", kept)})
	}
	return found
}
