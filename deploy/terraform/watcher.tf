# WatchOperations tells downstream how each export has ended. All that it
# remembers is this subscription: an Operation stays on it until its end has
# been published.
resource "google_pubsub_subscription" "pending" {
  project = var.project
  name    = "${var.name}-pending"
  topic   = google_pubsub_topic.this["operations"].id
  labels  = local.labels
  # A tick extends the deadline of what it takes for itself. This is until it
  # has done so, and how soon what a killed tick had taken comes back.
  ack_deadline_seconds = 60
  # The longest there is: Earth Engine stops an export after 10 days, but it may
  # wait in the queue before that.
  message_retention_duration = "2678400s"

  # How soon what a tick gives back is looked at again, and how late its end may
  # be noticed. There is no dead-letter policy: every look at an export that
  # still runs counts as a delivery, and 100 of them are over in two hours.
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
  subscription = google_pubsub_subscription.pending.name
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.this["watcher"].member
}

resource "google_cloudfunctions2_function" "watcher" {
  project     = var.project
  location    = var.region
  name        = "${var.name}-watcher"
  description = "WatchOperations: publishes how each export has ended"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = "WatchOperations"
    service_account = google_service_account.this["builder"].id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email = google_service_account.this["watcher"].email
    timeout_seconds       = 60
    # One tick at a time, so that its calls are all that Earth Engine sees of
    # the watcher. Two would do no harm, but the second would find nothing.
    max_instance_count               = 1
    max_instance_request_concurrency = 1
    available_cpu                    = "1"
    available_memory                 = "512Mi"
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    environment_variables = { for name, value in merge(local.common_environment, {
      COMPLETIONS_TOPIC    = google_pubsub_topic.this["completions"].name
      PENDING_SUBSCRIPTION = google_pubsub_subscription.pending.name
    }) : name => value if value != "" }
  }

  depends_on = [time_sleep.settled]
}

resource "google_cloud_scheduler_job" "watcher" {
  project     = var.project
  region      = var.region
  name        = "${var.name}-watcher"
  description = "One look a minute at the exports that are under way"
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
    uri         = "${google_cloudfunctions2_function.watcher.service_config[0].uri}/"

    oidc_token {
      service_account_email = google_service_account.this["scheduler"].email
      audience              = google_cloudfunctions2_function.watcher.service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.watcher]
}
