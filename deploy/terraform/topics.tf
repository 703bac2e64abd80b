# What refers to a topic or a subscription does so by id, not by name: when one
# is recreated, its id is unknown until then, and Terraform recreates the grants
# on it in the same apply. A name stays the same, and the grants would be lost.

resource "google_pubsub_topic" "this" {
  for_each = toset(["requests", "operations", "completions", "failures", "dead-letters"])

  project                    = var.project
  name                       = "${var.name}-${each.key}"
  labels                     = local.labels
  kms_key_name               = var.kms_key
  message_retention_duration = "${var.topic_retention_days * 86400}s"

  depends_on = [google_project_service.this]
}

# The functions publish to these topics and to no other.

resource "google_pubsub_topic_iam_member" "exporter_operations" {
  project = var.project
  topic   = google_pubsub_topic.this["operations"].id
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["exporter"].member
}

resource "google_pubsub_topic_iam_member" "exporter_failures" {
  project = var.project
  topic   = google_pubsub_topic.this["failures"].id
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["exporter"].member
}

# An event that has to wait for longer than deliveries last is published again.
resource "google_pubsub_topic_iam_member" "exporter_requests" {
  project = var.project
  topic   = google_pubsub_topic.this["requests"].id
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["exporter"].member
}

resource "google_pubsub_topic_iam_member" "webhook_operations" {
  count = local.has_webhook ? 1 : 0

  project = var.project
  topic   = google_pubsub_topic.this["operations"].id
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["webhook"].member
}

resource "google_pubsub_topic_iam_member" "watcher_completions" {
  project = var.project
  topic   = google_pubsub_topic.this["completions"].id
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["watcher"].member
}

# Pub/Sub itself publishes a message that has been delivered too often.
resource "google_pubsub_topic_iam_member" "agent_dead_letters" {
  project = var.project
  topic   = google_pubsub_topic.this["dead-letters"].id
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

# People and programs: producers send requests, and operators send failed ones
# again. Cloud Scheduler's own account may publish to every topic of its project.
resource "google_pubsub_topic_iam_member" "requests" {
  for_each = toset(concat(var.publishers, var.operators))

  project = var.project
  topic   = google_pubsub_topic.this["requests"].id
  role    = "roles/pubsub.publisher"
  member  = each.key
}
