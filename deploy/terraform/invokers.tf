# Who may call what. A function of the 2nd generation is a Cloud Run service of
# the same name, and it is that service's role that lets a caller in.

resource "google_cloud_run_v2_service_iam_member" "http_scheduler" {
  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.http.name
  role     = "roles/run.invoker"
  member   = google_service_account.this["scheduler"].member
}

resource "google_cloud_run_v2_service_iam_member" "http" {
  for_each = toset(var.invokers)

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.http.name
  role     = "roles/run.invoker"
  member   = each.key
}

resource "google_cloud_run_v2_service_iam_member" "webhook" {
  for_each = var.webhook_secret == null ? [] : toset(var.invokers)

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.webhook[0].name
  role     = "roles/run.invoker"
  member   = each.key
}

# Senders of webhooks have no Google account: what lets them in is their
# signature, so without a secret there is neither the function nor the binding.
resource "google_cloud_run_v2_service_iam_member" "webhook_public" {
  count = var.public && var.webhook_secret != null ? 1 : 0

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.webhook[0].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "event" {
  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.event.name
  role     = "roles/run.invoker"
  member   = google_service_account.this["pusher"].member
}

resource "google_cloud_run_v2_service_iam_member" "watcher" {
  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.watcher.name
  role     = "roles/run.invoker"
  member   = google_service_account.this["scheduler"].member
}
