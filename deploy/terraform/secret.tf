# The webhook secret is made in Secret Manager beforehand (see README.md) and
# only named here, so that it is in no plan and in no state. One account may read
# it, and that account may read no other.
resource "google_secret_manager_secret_iam_member" "webhook" {
  count = local.has_webhook ? 1 : 0

  project   = var.project
  secret_id = var.webhook_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this["webhook"].member
}
