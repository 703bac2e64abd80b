data "google_project" "this" {
  project_id = var.project
}

# The APIs stay on when the module is destroyed: other things in the project may
# use them by then.
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

  from_source = var.image == null
  has_webhook = var.webhook_secret != null

  # Pub/Sub's own account, which moves messages to the dead-letter topic and
  # makes the tokens of a push.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  # The projects whose Earth Engine is used: those that a request may name. "*"
  # stands for projects in which nothing can be granted from here.
  named_projects       = [for p in var.allowed_projects : trimprefix(p, "projects/") if p != "*"]
  earth_engine_targets = toset(length(local.named_projects) > 0 ? local.named_projects : [var.project])
}

# Google Cloud takes up to a minute to apply a grant everywhere, and to know a
# new metric: a build would be refused its source, and an alert its metric.
# The triggers make it wait again for what is granted or made later.
resource "time_sleep" "settled" {
  create_duration = "60s"

  triggers = {
    grants = join(" ", concat(
      [for grant in google_project_iam_member.builder : grant.id],
      google_project_iam_member.builder_sources[*].id,
      google_artifact_registry_repository_iam_member.builder[*].id,
      google_secret_manager_secret_iam_member.webhook[*].id,
    ))
    metrics = join(" ", [
      google_logging_metric.outcomes.id,
      google_logging_metric.ticks.id,
      google_logging_metric.tick_errors.id,
      google_logging_metric.eecu_seconds.id,
    ])
  }
}
