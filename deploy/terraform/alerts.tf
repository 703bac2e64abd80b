locals {
  job_names = concat([google_cloud_scheduler_job.watcher.name], [for job in google_cloud_scheduler_job.export : job.name])

  # One row per alert. runbook is the section of deploy/README.md. A condition
  # has either a threshold that a metric passes (above or below) for some time,
  # or an absence of points for some time, or a filter of log lines. Several
  # conditions are combined with combiner, by default OR.
  alerts = {
    failures = {
      title    = "failed requests are waiting"
      severity = "ERROR"
      runbook  = "failures-published"
      meaning  = "Requests that can never succeed have been published to the failures topic. They stay on its subscription until somebody has handled them, and this alert stays open until then."
      conditions = [
        { filter = "${local.on_failures} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", above = 0, duration = "0s" },
      ]
    }
    dead_letters = {
      title    = "dead letters are waiting"
      severity = "CRITICAL"
      runbook  = "dead-letters"
      meaning  = "Requests have been delivered ${var.max_delivery_attempts} times and have neither succeeded nor failed for good. They stay on the dead-letter subscription until somebody has sent them again."
      conditions = [
        { filter = "${local.on_dead} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", above = 0, duration = "0s" },
      ]
    }
    oldest_request = {
      title    = "requests are waiting too long"
      severity = "WARNING"
      runbook  = "oldest-unacknowledged-request"
      meaning  = "The oldest request that has led neither to an export nor to a failure is older than ${var.alert_thresholds.oldest_request_minutes} minutes."
      conditions = [
        { filter = "${local.on_requests} AND ${local.oldest}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", above = var.alert_thresholds.oldest_request_minutes * 60, duration = "300s" },
      ]
    }
    # One failed answer of two in a quiet hour is a large share and no incident:
    # it takes a share and a number.
    server_errors = {
      title    = "answers are 5xx"
      severity = "ERROR"
      runbook  = "5xx-rate"
      meaning  = "Earth Engine or Pub/Sub cannot be reached, or the function itself is at fault. Events are delivered again; HTTP callers must retry themselves."
      combiner = "AND"
      conditions = [
        { filter = "${local.on_service} AND ${local.answers} AND ${local.server_errors}", of = "${local.on_service} AND ${local.answers}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", above = var.alert_thresholds.server_error_ratio, duration = "300s" },
        { filter = "${local.on_service} AND ${local.answers} AND ${local.server_errors}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = var.alert_thresholds.server_errors, duration = "300s" },
      ]
    }
    quota = {
      title    = "Earth Engine's quota is used up"
      severity = "WARNING"
      runbook  = "quota-errors"
      meaning  = "Earth Engine keeps refusing requests because of its quota. They wait and are delivered again; more arrive than Earth Engine accepts."
      conditions = [
        { filter = "${local.on_run} AND ${local.outcomes} AND ${local.quota}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = var.alert_thresholds.quota_errors, duration = "600s" },
      ]
    }
    not_accepted = {
      title    = "Earth Engine does not accept the deployment"
      severity = "CRITICAL"
      runbook  = "deployment-not-accepted"
      meaning  = "The project is not registered, the API is off, billing has ended, or a service account has lost a role. Every request fails until that is fixed; events wait meanwhile."
      conditions = [
        { log = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-(http|event|webhook)$\" AND jsonPayload.reason=\"DEPLOYMENT_NOT_ACCEPTED\"" },
      ]
    }
    schedules = {
      title    = "a schedule does not run"
      severity = "ERROR"
      runbook  = "schedule-failures"
      meaning  = "Cloud Scheduler could not publish a scheduled request, or could not call the watcher."
      conditions = [
        { log = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=~\"^(${join("|", local.job_names)})$\" AND severity>=ERROR" },
      ]
    }
    watcher_errors = {
      title    = "the watcher has errors"
      severity = "ERROR"
      runbook  = "watcher-errors"
      meaning  = "For ten minutes, ticks could not find out how Operations ended, or could not publish it. The ends come late; none is lost for 31 days."
      conditions = [
        # Ticks are a minute apart, and occasionally a minute has none.
        { filter = "${local.on_run} AND ${local.tick_errors}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", period = "120s", above = 0, duration = "600s" },
      ]
    }
    # A metric without log lines may have no points, or points of 0.
    watcher_silent = {
      title    = "the watcher is silent"
      severity = "ERROR"
      runbook  = "watcher-silence"
      meaning  = "There has been no tick for ten minutes, so no ends are published. None is lost for 31 days."
      conditions = [
        { filter = "${local.on_run} AND ${local.ticks}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", absent = "600s" },
        { filter = "${local.on_run} AND ${local.ticks}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", below = 1, duration = "600s" },
      ]
    }
    oldest_pending = {
      title    = "an export does not end"
      severity = "WARNING"
      runbook  = "oldest-pending-operation"
      meaning  = "The oldest Operation whose end has not been published is older than ${var.alert_thresholds.oldest_pending_hours} hours. After 31 days it is forgotten."
      conditions = [
        { filter = "${local.on_pending} AND ${local.oldest}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", above = var.alert_thresholds.oldest_pending_hours * 3600, duration = "300s" },
      ]
    }
    deleted = {
      title    = "a topic or a subscription was deleted"
      severity = "CRITICAL"
      runbook  = "topic-or-subscription-deleted"
      meaning  = "What is published to a deleted topic is refused, and what was on a deleted subscription is gone. Read the runbook before you apply Terraform: it saves the Operations that are pending."
      conditions = [
        { log = "protoPayload.methodName=(\"google.pubsub.v1.Publisher.DeleteTopic\" OR \"google.pubsub.v1.Subscriber.DeleteSubscription\") AND protoPayload.resourceName=~\"/(topics|subscriptions)/${var.name}-(requests|operations|completions|failures|dead-letters|pending)$\"" },
      ]
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
  combiner     = try(each.value.combiner, "OR")
  severity     = each.value.severity
  user_labels  = local.labels
  notification_channels = concat(
    var.notification_channels,
    [for address in var.alert_emails : google_monitoring_notification_channel.email[address].name],
  )

  dynamic "conditions" {
    for_each = each.value.conditions
    iterator = each_condition
    content {
      display_name = each.value.title

      dynamic "condition_threshold" {
        for_each = [for c in [each_condition.value] : c if can(c.above) || can(c.below)]
        iterator = condition
        content {
          filter             = condition.value.filter
          denominator_filter = try(condition.value.of, null)
          comparison         = can(condition.value.above) ? "COMPARISON_GT" : "COMPARISON_LT"
          threshold_value    = try(condition.value.above, condition.value.below)
          duration           = condition.value.duration

          aggregations {
            alignment_period     = try(condition.value.period, "300s")
            per_series_aligner   = condition.value.aligner
            cross_series_reducer = condition.value.reducer
          }

          # A share is of the same points, put together in the same way.
          dynamic "denominator_aggregations" {
            for_each = try([condition.value.of], [])
            content {
              alignment_period     = try(condition.value.period, "300s")
              per_series_aligner   = condition.value.aligner
              cross_series_reducer = condition.value.reducer
            }
          }
        }
      }

      dynamic "condition_absent" {
        for_each = [for c in [each_condition.value] : c if can(c.absent)]
        iterator = condition
        content {
          filter   = condition.value.filter
          duration = condition.value.absent

          aggregations {
            alignment_period     = "60s"
            per_series_aligner   = condition.value.aligner
            cross_series_reducer = condition.value.reducer
          }
        }
      }

      dynamic "condition_matched_log" {
        for_each = [for c in [each_condition.value] : c if can(c.log)]
        iterator = condition
        content {
          filter = condition.value.log
        }
      }
    }
  }

  # A log line is not a state that ends: the alert sends at most one mail an
  # hour, and closes after a day without another line.
  dynamic "alert_strategy" {
    for_each = [for c in each.value.conditions : c if can(c.log)]
    content {
      auto_close = "86400s"
      notification_rate_limit {
        period = "3600s"
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

  # A new metric takes a while to become known.
  depends_on = [time_sleep.settled]
}
