# How requests reach ExportClassifierEvent: a push subscription of our own, and
# not the function's event_trigger.
#
# With event_trigger, Eventarc makes and owns the subscription. Its
# acknowledgement deadline, its backoff and its dead-letter topic are then
# outside of Terraform's control: RETRY_POLICY_RETRY only turns redelivery on,
# and changes made by hand are lost when the trigger is recreated. Here they are
# arguments:
#   - the deadline is 600 s, the longest there is, and above the function's
#     timeout: a request that Earth Engine answers late is not sent a second
#     time while the first still runs;
#   - a message that is not acknowledged is delivered again after 10 s, then after
#     longer pauses, up to 600 s: a quota that is used up is not tried at once;
#   - the dead-letter policy makes Pub/Sub count deliveries. After 50 the function
#     publishes a request that only waits again, and after max_delivery_attempts
#     Pub/Sub moves what is left to the dead-letter topic, where it stays until
#     somebody has looked.
# What Eventarc adds, CloudEvents headers, the function makes of the push message
# itself.
resource "google_pubsub_subscription" "requests" {
  project                    = var.project
  name                       = "${var.name}-requests"
  topic                      = google_pubsub_topic.this["requests"].id
  labels                     = local.labels
  ack_deadline_seconds       = 600
  message_retention_duration = "${var.retention_days * 86400}s"

  push_config {
    # The path names the topic, which is the event's source. Message IDs are
    # unique within a topic alone, and source and ID make the request ID.
    push_endpoint = "${local.services["event"].uri}/${google_pubsub_topic.this["requests"].id}"

    oidc_token {
      service_account_email = google_service_account.this["pusher"].email
      # By default it would be the endpoint with its path, which Cloud Run does
      # not take.
      audience = local.services["event"].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.this["dead-letters"].id
    max_delivery_attempts = var.max_delivery_attempts
  }

  # A quiet month must not delete it.
  expiration_policy {
    ttl = ""
  }

  # The first push may come at once.
  depends_on = [
    google_cloud_run_v2_service_iam_member.event,
    google_pubsub_topic_iam_member.agent_dead_letters,
    google_service_account_iam_member.agent_pusher,
  ]
}

# To move a message to the dead-letter topic, Pub/Sub acknowledges it here.
resource "google_pubsub_subscription_iam_member" "agent_requests" {
  project      = var.project
  subscription = google_pubsub_subscription.requests.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

# Projects from before April 2021 do not let Pub/Sub make tokens by default.
resource "google_service_account_iam_member" "agent_pusher" {
  service_account_id = google_service_account.this["pusher"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

# A topic without a subscription keeps nothing. These two hold what needs a
# person, until that person has dealt with it.
resource "google_pubsub_subscription" "parked" {
  for_each = toset(["failures", "dead-letters"])

  project                    = var.project
  name                       = "${var.name}-${each.key}"
  topic                      = google_pubsub_topic.this[each.key].id
  labels                     = local.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "${var.retention_days * 86400}s"

  expiration_policy {
    ttl = ""
  }
}
