# A job sends the same bytes at every run. What differs is in its headers: the
# job's name and the schedule time, which make the request ID, and the
# placeholders {date} and {time}, which the function fills in with that time.
resource "google_cloud_scheduler_job" "export" {
  for_each = var.schedules

  project     = var.project
  region      = var.region
  name        = "${var.name}-${each.key}"
  description = each.value.description
  schedule    = each.value.cron
  time_zone   = each.value.time_zone
  paused      = each.value.paused
  # The function answers within its own timeout.
  attempt_deadline = "${var.timeout_seconds}s"

  # A retry carries the same schedule time, and so gives the same Operation.
  retry_config {
    retry_count          = each.value.retry_count
    min_backoff_duration = each.value.min_backoff
    max_backoff_duration = each.value.max_backoff
    max_retry_duration   = each.value.max_retry_duration
  }

  http_target {
    http_method = "POST"
    uri         = "${google_cloudfunctions2_function.http.service_config[0].uri}/"
    headers     = { "Content-Type" = "application/json" }
    body        = filebase64(each.value.request_file)

    oidc_token {
      service_account_email = google_service_account.this["scheduler"].email
      audience              = google_cloudfunctions2_function.http.service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.http_scheduler]
}
