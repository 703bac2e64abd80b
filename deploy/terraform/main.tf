data "google_project" "this" {
  project_id = var.project
}

# The APIs stay on when the module is destroyed: something else in the project
# may use them by then.
resource "google_project_service" "this" {
  for_each = toset([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "earthengine.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
  ])

  project            = var.project
  service            = each.key
  disable_on_destroy = false
}

locals {
  labels = merge({ app = var.name }, var.labels)

  # Pub/Sub's own account, which moves messages to the dead-letter topic and
  # makes the tokens of a push.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  # The projects whose Earth Engine is used: those that a request may name. "*"
  # stands for projects that nobody can grant anything in from here.
  named_projects       = [for p in var.allowed_projects : trimprefix(p, "projects/") if p != "*"]
  earth_engine_targets = toset(length(local.named_projects) > 0 ? local.named_projects : [var.project])
}

# What has just been granted or made is not yet known everywhere: a build that
# starts within the minute can be refused its source, and an alert its metric.
resource "time_sleep" "settled" {
  create_duration = "60s"

  depends_on = [
    google_logging_metric.outcomes,
    google_project_iam_member.builder,
    google_secret_manager_secret_iam_member.webhook,
  ]
}
