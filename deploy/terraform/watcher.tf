# WatchOperations publishes how each export has ended. This subscription is its
# only state: an Operation stays on it until its end has been published.
resource "google_pubsub_subscription" "pending" {
  project = var.project
  name    = "${var.name}-pending"
  topic   = google_pubsub_topic.this["operations"].id
  labels  = local.labels
  # A tick extends the deadline of what it takes for itself. This is until it
  # has done so, and how soon the messages of a killed tick are delivered again.
  ack_deadline_seconds = 60
  # The maximum: Earth Engine stops an export after 10 days, but it may wait in
  # the queue before that.
  message_retention_duration = "2678400s"

  # How soon a running Operation is checked again, and how late its end may be
  # noticed. There is no dead-letter policy: every check of an Operation that
  # still runs counts as a delivery, and 100 deliveries are used up in two
  # hours.
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "60s"
  }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription_iam_member" "watcher_pending" {
  project      = var.project
  subscription = google_pubsub_subscription.pending.id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.this["watcher"].member
}

resource "google_cloud_scheduler_job" "watcher" {
  project     = var.project
  region      = var.region
  name        = "${var.name}-watcher"
  description = "Checks the exports that are under way once a minute"
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"
  # As long as the function's own timeout.
  attempt_deadline = "60s"

  # The next tick is the retry.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = "${local.services["watcher"].uri}/"

    oidc_token {
      service_account_email = google_service_account.this["scheduler"].email
      audience              = local.services["watcher"].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.watcher]
}
