# The webhook secret is made in Secret Manager beforehand (see README.md) and
# only named here, so that it stands in no plan and in no state. The exporter
# may read this one and no other.
resource "google_secret_manager_secret_iam_member" "webhook" {
  count = var.webhook_secret == null ? 0 : 1

  project   = var.project
  secret_id = var.webhook_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this["exporter"].member
}
