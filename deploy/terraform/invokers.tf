# Who may call what. A function of the 2nd generation is a Cloud Run service of
# the same name, and it is that service's role that lets a caller in.

resource "google_cloud_run_v2_service_iam_member" "http" {
  for_each = toset(var.invokers)

  project  = var.project
  location = var.region
  name     = local.services["http"].id
  role     = "roles/run.invoker"
  member   = each.key
}

resource "google_cloud_run_v2_service_iam_member" "webhook" {
  for_each = toset([for member in var.invokers : member if local.has_webhook])

  project  = var.project
  location = var.region
  name     = local.services["webhook"].id
  role     = "roles/run.invoker"
  member   = each.key
}

# Senders of webhooks have no Google account: their signature lets them in, so
# without a secret there is neither the function nor the binding.
resource "google_cloud_run_v2_service_iam_member" "webhook_public" {
  count = var.public && var.webhook_secret != null ? 1 : 0

  project  = var.project
  location = var.region
  name     = local.services["webhook"].id
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "event" {
  project  = var.project
  location = var.region
  name     = local.services["event"].id
  role     = "roles/run.invoker"
  member   = google_service_account.this["pusher"].member
}

resource "google_cloud_run_v2_service_iam_member" "watcher" {
  project  = var.project
  location = var.region
  name     = local.services["watcher"].id
  role     = "roles/run.invoker"
  member   = google_service_account.this["scheduler"].member
}
