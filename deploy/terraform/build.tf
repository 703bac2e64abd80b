# The platform builds the functions from source: one apply goes from a checkout
# to running functions, with no image to build, push and maintain. With image
# set, nothing in this file is created.

data "archive_file" "source" {
  count = local.from_source ? 1 : 0

  type       = "zip"
  source_dir = "${path.module}/../.."
  # With a saved plan, apply needs this file as well: see README.md.
  output_path = "${path.root}/.terraform/${var.name}-source.zip"
  # The same bytes from every machine, whatever its umask.
  output_file_mode = "0644"
  # Everything that the functions do not import, so that a change there rebuilds
  # nothing, and everything that can hold a secret.
  excludes = [
    ".*",
    ".*/**",
    "**/*.md",
    "LICENSE",
    "cmd/**",
    "deploy/**",
    "eeclient/eetest/**",
    "handler/consumer/**",
    "handler/handlertest/**",
    "handler/local/**",
    "handler/prooftest/**",
    "**/*_test.go",
    "**/testdata/**",
    "**/.terraform/**",
    "**/*.tfstate*",
    "**/*.tfvars",
    "**/.env*",
    "**/*.pem",
    "**/*.key",
    "**/*credentials*.json",
  ]
}

resource "google_storage_bucket" "source" {
  count = local.from_source ? 1 : 0

  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "source" {
  count = local.from_source ? 1 : 0

  bucket = google_storage_bucket.source[0].name
  # The name changes with the source: that is what makes the functions build.
  name   = "${data.archive_file.source[0].output_md5}.zip"
  source = data.archive_file.source[0].output_path
}

# The built images.
resource "google_artifact_registry_repository" "functions" {
  count = local.from_source ? 1 : 0

  project       = var.project
  location      = var.region
  repository_id = "${var.name}-functions"
  description   = "Images that Cloud Functions has built of ${var.name}"
  format        = "DOCKER"
  labels        = local.labels
  kms_key_name  = var.kms_key

  depends_on = [google_project_service.this]
}

# New projects give the default build account no roles, and old ones give it
# Editor. This one writes logs and images, and reads one bucket: the one to which
# Cloud Functions copies the source before it builds, and which it makes itself,
# so that only a condition can name it beforehand.
resource "google_project_iam_member" "builder" {
  for_each = toset(local.from_source ? ["roles/logging.logWriter"] : [])

  project = var.project
  role    = each.key
  member  = google_service_account.this["builder"].member
}

resource "google_project_iam_member" "builder_sources" {
  count = local.from_source ? 1 : 0

  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.this["builder"].member

  condition {
    title      = "Cloud Functions' bucket of sources"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  count = local.from_source ? 1 : 0

  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.functions[0].id
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["builder"].member
}
