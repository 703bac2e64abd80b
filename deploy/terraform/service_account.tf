# One account for each part, with the roles of that part alone. None has a key:
# the platform hands out short-lived tokens.
resource "google_service_account" "this" {
  for_each = {
    for part, use in {
      exporter  = "Runs ExportClassifier and ExportClassifierEvent"
      webhook   = "Runs ExportClassifier for signed webhooks"
      watcher   = "Runs WatchOperations"
      pusher    = "Calls ExportClassifierEvent for Pub/Sub"
      scheduler = "Calls WatchOperations for Cloud Scheduler"
      builder   = "Builds the functions from source"
    } : part => use
    if(part != "webhook" || local.has_webhook) && (part != "builder" || local.from_source)
  }

  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = "${var.name}: ${each.key}"
  description  = each.value

  depends_on = [google_project_service.this]
}

# An export takes earthengine.exports.create and earthengine.assets.create.
# IAM knows no part of a project's assets: ALLOWED_ASSETS narrows it further.
resource "google_project_iam_member" "exporter_earth_engine" {
  for_each = local.earth_engine_targets

  project = each.key
  role    = var.earth_engine_role
  member  = google_service_account.this["exporter"].member
}

# The watcher reads Operations and can start nothing.
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

# The function that anybody may reach has an account of its own, so that its
# rights can be taken away without stopping the others.
resource "google_project_iam_member" "webhook" {
  for_each = {
    for pair in setproduct(local.earth_engine_targets, [var.earth_engine_role, "roles/serviceusage.serviceUsageConsumer"]) :
    "${pair[0]} ${pair[1]}" => { project = pair[0], role = pair[1] }
    if local.has_webhook
  }

  project = each.value.project
  role    = each.value.role
  member  = google_service_account.this["webhook"].member
}
