package deploy_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"example.com/eeexport/eeclient/expression"
	decode "example.com/eeexport/handler/request"
)

// row is a value of the plan, and what it must be.
type row struct{ what, got, want string }

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		if r.got != r.want {
			t.Errorf("%s: %q, want %q", r.what, r.got, r.want)
		}
	}
}

func TestRequestsSubscription(t *testing.T) {
	made := defaultPlan(t)
	s := made.one(t, "google_pubsub_subscription.requests")
	push, _ := s.body.at("push_config")
	token, _ := s.body.at("push_config", "oidc_token")
	retry, _ := s.body.at("retry_policy")
	dead, _ := s.body.at("dead_letter_policy")
	expiration, expires := s.body.at("expiration_policy")
	service, _ := made.function(t, "event").body.at("service_config")

	check(t, []row{
		{"Pub/Sub waits as long as it can", s.body.text("ack_deadline_seconds"), "600"},
		{"the first redelivery comes after 10 s", retry.text("minimum_backoff"), "10s"},
		{"and the last after 600 s", retry.text("maximum_backoff"), "600s"},
		{"in the end there is a dead letter", dead.text("dead_letter_topic"), "projects/my-project/topics/eeexport-dead-letters"},
		{"after as many attempts as Pub/Sub counts", dead.text("max_delivery_attempts"), "100"},
		// The event's source is this path, and the request ID is made of that.
		{"the path names the topic", push.text("push_endpoint"), "https://eeexport-event.run.app/projects/my-project/topics/eeexport-requests"},
		{"the token is for the service", token.text("audience"), "https://eeexport-event.run.app"},
		{"and of the account that may call it", "serviceAccount:" + token.text("service_account_email"), account("pusher")},
		{"nobody from outside reaches the function", service.text("ingress_settings"), "ALLOW_INTERNAL_ONLY"},
		{"a message is kept for 31 days", s.body.text("message_retention_duration"), "2678400s"},
		{"a quiet month deletes nothing", fmt.Sprint(expires, expiration.text("ttl")), "true"},
	})
	if service.attrs["timeout_seconds"].GreaterThanOrEqualTo(s.body.attrs["ack_deadline_seconds"]).True() {
		t.Error("the function may work longer than Pub/Sub waits")
	}
}

func TestPendingSubscription(t *testing.T) {
	made := defaultPlan(t)
	s := made.one(t, "google_pubsub_subscription.pending")
	retry, _ := s.body.at("retry_policy")
	_, deadLetters := s.body.at("dead_letter_policy")
	_, pushed := s.body.at("push_config")
	tick := made.one(t, "google_cloud_scheduler_job.watcher")
	token, _ := tick.body.at("http_target", "oidc_token")
	watcher := made.function(t, "watcher")
	service, _ := watcher.body.at("service_config")

	check(t, []row{
		{"an Operation is remembered for 31 days", s.body.text("message_retention_duration"), "2678400s"},
		{"what a killed tick had taken comes back within a minute", s.body.text("ack_deadline_seconds"), "60"},
		{"what a tick gives back comes with the next", retry.text("minimum_backoff") + " " + retry.text("maximum_backoff"), "10s 60s"},
		{"a long export is not a dead letter", fmt.Sprint(deadLetters), "false"},
		{"it is pulled", fmt.Sprint(pushed), "false"},
		{"a tick comes every minute", tick.body.text("schedule"), "* * * * *"},
		{"and does not go on into the next", service.text("timeout_seconds"), "60"},
		{"it comes from the scheduler", "serviceAccount:" + token.text("service_account_email"), account("scheduler")},
		{"the watcher pulls this subscription", watcher.environment()["PENDING_SUBSCRIPTION"], s.body.text("name")},
	})
}

// TestNothingIsLostUnnoticed is about topics whose messages need a person.
func TestNothingIsLostUnnoticed(t *testing.T) {
	made := defaultPlan(t)
	for _, part := range []string{"failures", "dead-letters"} {
		s := made.one(t, fmt.Sprintf("google_pubsub_subscription.parked[%q]", part))
		check(t, []row{
			{"it is of its topic", s.body.text("topic"), "projects/my-project/topics/eeexport-" + part},
			{"it keeps for 31 days", s.body.text("message_retention_duration"), "2678400s"},
		})
	}
	for _, topic := range made.ofType("google_pubsub_topic") {
		if topic.body.text("message_retention_duration") == "" || topic.body.attrs["labels"].LengthInt() == 0 {
			t.Errorf("%s has no retention or no labels", topic.address())
		}
	}
}

func TestSchedules(t *testing.T) {
	job := fullPlan(t).one(t, `google_cloud_scheduler_job.export["nightly"]`)
	target, _ := job.body.at("pubsub_target")
	_, called := job.body.at("http_target")
	body, err := base64.StdEncoding.DecodeString(target.text("data"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, []row{
		{"the message is the file", string(body), read(t, request)},
		{"it is published, so that a failure is reported", target.text("topic_name"), "projects/my-project/topics/eeexport-requests"},
		{"no function is called, whose failure nobody would notice", fmt.Sprint(called), "false"},
	})
	t.Run("the function takes the example's request", func(t *testing.T) {
		req, violations := decode.Read(body, decode.Options{Check: expression.Strict, Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)})
		if len(violations.List) > 0 {
			t.Fatal(violations)
		}
		if req.Destination.Name != "projects/my-project/assets/nightly-20261123" {
			t.Errorf("it writes %s", req.Destination.Name)
		}
	})
}
