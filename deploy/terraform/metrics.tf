# The functions write one log line per request, and its field outcome says how
# the request ended: exported, quota, unavailable and so on.
resource "google_logging_metric" "outcomes" {
  project     = var.project
  name        = "${var.name}-outcomes"
  description = "Requests of ${var.name} by outcome and trigger"
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
      description = "The trigger: http or event"
    }
  }

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
    trigger = "EXTRACT(jsonPayload.trigger)"
  }

  depends_on = [google_project_service.this]
}

# The watcher writes one log line per tick, with its counts.
resource "google_logging_metric" "ticks" {
  project     = var.project
  name        = "${var.name}-ticks"
  description = "Ticks of ${var.name}-watcher"
  filter      = "${local.watcher_lines}\njsonPayload.outcome:*"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "tick_errors" {
  project     = var.project
  name        = "${var.name}-tick-errors"
  description = "Ticks of ${var.name}-watcher that could not check or publish everything"
  filter      = "${local.watcher_lines}\njsonPayload.outcome:*\n(jsonPayload.errors>0 OR severity>=ERROR)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.this]
}

# And one line for each project and workload tag whose exports have ended, with
# the compute used.
resource "google_logging_metric" "eecu_seconds" {
  project         = var.project
  name            = "${var.name}-eecu-seconds"
  description     = "Earth Engine compute of ended exports, in EECU-seconds"
  filter          = "${local.watcher_lines}\njsonPayload.message=\"eecu\""
  value_extractor = "EXTRACT(jsonPayload.eecuSeconds)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"

    labels {
      key         = "project"
      value_type  = "STRING"
      description = "The project that was charged"
    }
    labels {
      key         = "workload_tag"
      value_type  = "STRING"
      description = "The request's workloadTag"
    }
  }

  label_extractors = {
    project      = "EXTRACT(jsonPayload.project)"
    workload_tag = "EXTRACT(jsonPayload.workloadTag)"
  }

  depends_on = [google_project_service.this]
}

# The queries that the dashboard and the alerts share.
locals {
  watcher_lines = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${var.name}-watcher"
    jsonPayload.trigger="watch"
  EOT

  on_run      = "resource.type = \"cloud_run_revision\""
  on_service  = "${local.on_run} AND resource.labels.service_name = one_of(\"${join("\", \"", [for part, function in local.functions : "${var.name}-${part}"])}\")"
  on_topic    = "resource.type = \"pubsub_topic\" AND resource.labels.topic_id = one_of(\"${join("\", \"", [for t in google_pubsub_topic.this : t.name])}\")"
  on_requests = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.requests.name}\""
  on_pending  = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.pending.name}\""
  on_failures = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.parked["failures"].name}\""
  on_dead     = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.parked["dead-letters"].name}\""

  answers     = "metric.type = \"run.googleapis.com/request_count\""
  latencies   = "metric.type = \"run.googleapis.com/request_latencies\""
  instances   = "metric.type = \"run.googleapis.com/container/instance_count\""
  outcomes    = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.outcomes.name}\""
  ticks       = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.ticks.name}\""
  tick_errors = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.tick_errors.name}\""
  undelivered = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
  oldest      = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
  publishes   = "metric.type = \"pubsub.googleapis.com/topic/send_request_count\""

  server_errors = "metric.labels.response_code_class = \"5xx\""
  quota         = "metric.labels.outcome = \"quota\""
}
