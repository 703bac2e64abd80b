locals {
  # One row an alert. runbook is the section of deploy/README.md; aligner and
  # period say how points are put together, and duration for how long the
  # threshold must be passed.
  alerts = {
    failures = {
      title     = "failed requests are waiting"
      severity  = "ERROR"
      filter    = "${local.on_failures} AND ${local.undelivered}"
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      threshold = 0
      duration  = "0s"
      runbook   = "failures-published"
      meaning   = "Requests that can never succeed have been published to the failures topic. They stay on its subscription until somebody has dealt with them, and so does this alert."
    }
    dead_letters = {
      title     = "dead letters are waiting"
      severity  = "CRITICAL"
      filter    = "${local.on_dead} AND ${local.undelivered}"
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      threshold = 0
      duration  = "0s"
      runbook   = "dead-letters"
      meaning   = "Requests have been delivered ${var.max_delivery_attempts} times without an end. They stay on the dead-letter subscription until somebody has sent them again."
    }
    oldest_request = {
      title     = "requests are waiting too long"
      severity  = "WARNING"
      filter    = "${local.on_requests} AND ${local.oldest}"
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      threshold = var.alert_thresholds.oldest_request_minutes * 60
      duration  = "300s"
      runbook   = "oldest-unacknowledged-request"
      meaning   = "The oldest request that has led neither to an export nor to a failure is older than ${var.alert_thresholds.oldest_request_minutes} minutes."
    }
    server_errors = {
      title     = "answers are 5xx"
      severity  = "ERROR"
      filter    = "${local.on_service} AND ${local.answers} AND ${local.server_errors}"
      of        = "${local.on_service} AND ${local.answers}"
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
      threshold = var.alert_thresholds.server_error_ratio
      duration  = "300s"
      runbook   = "5xx-rate"
      meaning   = "Earth Engine or Pub/Sub cannot be reached, or the function itself is at fault. Events are delivered again; HTTP callers must try again themselves."
    }
    quota = {
      title     = "Earth Engine's quota is used up"
      severity  = "WARNING"
      filter    = "${local.on_run} AND ${local.outcomes} AND ${local.quota}"
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      threshold = var.alert_thresholds.quota_errors
      duration  = "600s"
      runbook   = "quota-errors"
      meaning   = "Earth Engine keeps refusing requests with its quota. They wait and come back; more of them arrive than it takes."
    }
    oldest_pending = {
      title     = "an export does not end"
      severity  = "WARNING"
      filter    = "${local.on_pending} AND ${local.oldest}"
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      threshold = var.alert_thresholds.oldest_pending_hours * 3600
      duration  = "300s"
      runbook   = "oldest-pending-operation"
      meaning   = "The oldest Operation whose end has not been published is older than ${var.alert_thresholds.oldest_pending_hours} hours. After 31 days it is forgotten."
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  project      = var.project
  display_name = "${var.name}: ${each.value.title}"
  combiner     = "OR"
  severity     = each.value.severity
  user_labels  = local.labels
  notification_channels = concat(
    var.notification_channels,
    [for address in var.alert_emails : google_monitoring_notification_channel.email[address].name],
  )

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = try(each.value.of, null)
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = each.value.duration

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }

      # A share is of the same points, put together in the same way.
      dynamic "denominator_aggregations" {
        for_each = try([each.value.of], [])
        content {
          alignment_period     = "300s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "${each.value.meaning}\n\n[What to do](${var.runbook_url}#${each.value.runbook})"
    links {
      display_name = "Runbook"
      url          = "${var.runbook_url}#${each.value.runbook}"
    }
  }

  # A metric that has just been made is not known at once.
  depends_on = [time_sleep.settled]
}
