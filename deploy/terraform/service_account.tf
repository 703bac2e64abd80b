# One account for each part, so that each has what it needs and nothing that
# another needs. None has a key: the platform hands out short-lived tokens.
resource "google_service_account" "this" {
  for_each = {
    exporter  = "Runs ExportClassifier and ExportClassifierEvent"
    watcher   = "Runs WatchOperations"
    pusher    = "Is whom Pub/Sub calls ExportClassifierEvent as"
    scheduler = "Is whom Cloud Scheduler calls ExportClassifier and WatchOperations as"
    builder   = "Builds the functions from source"
  }

  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = "${var.name}: ${each.key}"
  description  = each.value

  depends_on = [google_project_service.this]
}

# earthengine.exports.create, and the right to write the asset that the export
# makes, come with Earth Engine's writer. ALLOWED_ASSETS narrows it further, to
# names that IAM cannot tell apart.
resource "google_project_iam_member" "exporter_earth_engine" {
  for_each = local.earth_engine_targets

  project = each.key
  role    = "roles/earthengine.writer"
  member  = google_service_account.this["exporter"].member
}

# To look at an Operation is enough for the watcher: it can start nothing.
resource "google_project_iam_member" "watcher_earth_engine" {
  for_each = local.earth_engine_targets

  project = each.key
  role    = "roles/earthengine.viewer"
  member  = google_service_account.this["watcher"].member
}

# A call to Earth Engine is charged to a project, which takes
# serviceusage.services.use there.
resource "google_project_iam_member" "exporter_service_usage" {
  for_each = local.earth_engine_targets

  project = each.key
  role    = "roles/serviceusage.serviceUsageConsumer"
  member  = google_service_account.this["exporter"].member
}

resource "google_project_iam_member" "watcher_service_usage" {
  for_each = local.earth_engine_targets

  project = each.key
  role    = "roles/serviceusage.serviceUsageConsumer"
  member  = google_service_account.this["watcher"].member
}
