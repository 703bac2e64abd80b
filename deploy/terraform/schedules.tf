# A job publishes the same request at every run, and Pub/Sub takes it from there:
# it is delivered until it has become an export, or a failure that raises an
# alert. Over HTTP, Cloud Scheduler would give up after its last retry, and nobody
# would notice. What differs from run to run are the placeholders ({date},
# {time}), which the function fills in with the time of the message.
resource "google_cloud_scheduler_job" "export" {
  for_each = var.schedules

  project     = var.project
  region      = var.region
  name        = "${var.name}-${each.key}"
  description = each.value.description
  schedule    = each.value.cron
  time_zone   = each.value.time_zone
  paused      = each.value.paused

  # Retries of the publishing, if Pub/Sub does not answer.
  retry_config {
    retry_count = 5
  }

  pubsub_target {
    topic_name = google_pubsub_topic.this["requests"].id
    data       = filebase64(each.value.request_file)
  }
}
