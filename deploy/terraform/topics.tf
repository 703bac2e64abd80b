resource "google_pubsub_topic" "this" {
  for_each = toset(["requests", "operations", "completions", "failures", "dead-letters"])

  project                    = var.project
  name                       = "${var.name}-${each.key}"
  labels                     = local.labels
  message_retention_duration = "${var.topic_retention_days * 86400}s"

  depends_on = [google_project_service.this]
}

# The functions publish to these topics and to no other.

resource "google_pubsub_topic_iam_member" "exporter_operations" {
  project = var.project
  topic   = google_pubsub_topic.this["operations"].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["exporter"].member
}

resource "google_pubsub_topic_iam_member" "exporter_failures" {
  project = var.project
  topic   = google_pubsub_topic.this["failures"].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["exporter"].member
}

resource "google_pubsub_topic_iam_member" "watcher_completions" {
  project = var.project
  topic   = google_pubsub_topic.this["completions"].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this["watcher"].member
}

# A message that has been delivered too often is published by Pub/Sub itself.
resource "google_pubsub_topic_iam_member" "agent_dead_letters" {
  project = var.project
  topic   = google_pubsub_topic.this["dead-letters"].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

# People and programs: producers send requests, and operators send failed ones
# again.
resource "google_pubsub_topic_iam_member" "requests" {
  for_each = toset(concat(var.publishers, var.operators))

  project = var.project
  topic   = google_pubsub_topic.this["requests"].name
  role    = "roles/pubsub.publisher"
  member  = each.key
}
