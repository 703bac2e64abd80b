# The functions write one line a request, and its field outcome says how the
# request ended: exported, quota, unavailable and so on.
resource "google_logging_metric" "outcomes" {
  project     = var.project
  name        = "${var.name}-outcomes"
  description = "Requests of ${var.name} by how they ended and by which door they came"
  filter      = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name=~"^${var.name}-(http|event|webhook)$"
    jsonPayload.outcome:*
  EOT

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "outcome"
      value_type  = "STRING"
      description = "How the request ended"
    }
    labels {
      key         = "trigger"
      value_type  = "STRING"
      description = "The door that it came by: http or event"
    }
  }

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
    trigger = "EXTRACT(jsonPayload.trigger)"
  }

  depends_on = [google_project_service.this]
}

# What the dashboard and the alerts look at, so that both look at the same.
locals {
  services = [for part in ["http", "webhook", "event", "watcher"] : "${var.name}-${part}"]

  on_run        = "resource.type = \"cloud_run_revision\""
  on_service    = "${local.on_run} AND resource.labels.service_name = one_of(\"${join("\", \"", local.services)}\")"
  on_topic      = "resource.type = \"pubsub_topic\" AND resource.labels.topic_id = one_of(\"${join("\", \"", [for t in google_pubsub_topic.this : t.name])}\")"
  on_requests   = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.requests.name}\""
  on_pending    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.pending.name}\""
  on_failures   = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.parked["failures"].name}\""
  on_dead       = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.parked["dead-letters"].name}\""
  answers       = "metric.type = \"run.googleapis.com/request_count\""
  latencies     = "metric.type = \"run.googleapis.com/request_latencies\""
  instances     = "metric.type = \"run.googleapis.com/container/instance_count\""
  outcomes      = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.outcomes.name}\""
  undelivered   = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
  oldest        = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
  publishes     = "metric.type = \"pubsub.googleapis.com/topic/send_request_count\""
  server_errors = "metric.labels.response_code_class = \"5xx\""
  quota         = "metric.labels.outcome = \"quota\""
}
