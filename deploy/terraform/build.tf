# The functions are built from source, by the platform: one apply goes from a
# checkout to running functions, with no image to build, push and look after.
# Where an image is wanted, deploy/Dockerfile makes one for Cloud Run, GKE and
# Knative.

data "archive_file" "source" {
  type        = "zip"
  source_dir  = coalesce(var.source_dir, "${path.module}/../..")
  output_path = "${path.root}/.terraform/${var.name}-source.zip"
  # The same bytes from every machine, whatever its umask.
  output_file_mode = "0644"
  # What the functions do not import: a change there does not build them anew.
  # And what has no place in an archive: state and settings can hold secrets.
  excludes = [
    ".ci/**",
    ".git/**",
    ".github/**",
    "cmd/**",
    "deploy/**",
    "**/*_test.go",
    "**/testdata/**",
    "**/.terraform/**",
    "**/*.tfstate*",
    "**/*.tfvars",
    "**/.env",
  ]
}

resource "google_storage_bucket" "source" {
  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  # The name changes with the source: that is what makes the functions build.
  name   = "${data.archive_file.source.output_md5}.zip"
  source = data.archive_file.source.output_path
}

# New projects give the default build account no roles, and old ones give it
# Editor: this one has what a build needs.
resource "google_project_iam_member" "builder" {
  for_each = toset([
    "roles/artifactregistry.writer",
    "roles/logging.logWriter",
    "roles/storage.objectViewer",
  ])

  project = var.project
  role    = each.key
  member  = google_service_account.this["builder"].member
}
