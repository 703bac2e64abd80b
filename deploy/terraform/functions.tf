locals {
  # What every function reads; "" is for a variable that is left unset.
  common_environment = {
    GOOGLE_CLOUD_PROJECT        = var.project
    OPERATIONS_TOPIC            = google_pubsub_topic.this["operations"].name
    EARTHENGINE_ENDPOINT        = var.earth_engine_endpoint == null ? "" : var.earth_engine_endpoint
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint == null ? "" : var.otlp_endpoint
  }

  # Both doors of the pipeline read the same: no rule stands at one alone.
  exporter_environment = merge(local.common_environment, {
    FAILURES_TOPIC    = google_pubsub_topic.this["failures"].name
    ALLOWED_PROJECTS  = join(",", var.allowed_projects)
    ALLOWED_ASSETS    = join(",", var.allowed_assets)
    EXPRESSION_CHECK  = var.expression_check
    MAX_REQUEST_BYTES = tostring(var.max_request_bytes)
  })
}

resource "google_cloudfunctions2_function" "http" {
  project     = var.project
  location    = var.region
  name        = "${var.name}-http"
  description = "ExportClassifier: starts exports of Earth Engine classifiers for HTTP callers"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = "ExportClassifier"
    service_account = google_service_account.this["builder"].id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this["exporter"].email
    timeout_seconds                  = var.timeout_seconds
    max_instance_count               = var.bounds.http_instances
    max_instance_request_concurrency = var.bounds.http_concurrency
    # More than one request at once needs a whole CPU.
    available_cpu    = "1"
    available_memory = var.memory
    # People call from anywhere; IAM lets in those that invokers.tf names.
    ingress_settings      = "ALLOW_ALL"
    environment_variables = { for name, value in local.exporter_environment : name => value if value != "" }
  }

  depends_on = [time_sleep.settled]
}

# The same function once more, with the secret. It is apart because Cloud
# Scheduler, Workflows and people cannot sign: with the secret on the one above
# they would be locked out, and that one never has to be public.
resource "google_cloudfunctions2_function" "webhook" {
  count = var.webhook_secret == null ? 0 : 1

  project     = var.project
  location    = var.region
  name        = "${var.name}-webhook"
  description = "ExportClassifier: starts exports of Earth Engine classifiers for signed webhooks"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = "ExportClassifier"
    service_account = google_service_account.this["builder"].id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this["exporter"].email
    timeout_seconds                  = var.timeout_seconds
    max_instance_count               = var.bounds.webhook_instances
    max_instance_request_concurrency = var.bounds.webhook_concurrency
    available_cpu                    = "1"
    available_memory                 = var.memory
    ingress_settings                 = "ALLOW_ALL"
    environment_variables            = { for name, value in local.exporter_environment : name => value if value != "" }

    secret_environment_variables {
      key        = "WEBHOOK_SECRET"
      project_id = var.project
      secret     = var.webhook_secret
      version    = var.webhook_secret_version
    }
  }

  depends_on = [time_sleep.settled]
}

# It has no event_trigger: subscriptions.tf brings it its messages, and says why.
resource "google_cloudfunctions2_function" "event" {
  project     = var.project
  location    = var.region
  name        = "${var.name}-event"
  description = "ExportClassifierEvent: starts exports of Earth Engine classifiers for Pub/Sub messages"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = "ExportClassifierEvent"
    service_account = google_service_account.this["builder"].id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this["exporter"].email
    timeout_seconds                  = var.timeout_seconds
    max_instance_count               = var.bounds.event_instances
    max_instance_request_concurrency = var.bounds.event_concurrency
    available_cpu                    = "1"
    available_memory                 = var.memory
    # Pub/Sub and Eventarc of this project count as internal.
    ingress_settings      = "ALLOW_INTERNAL_ONLY"
    environment_variables = { for name, value in local.exporter_environment : name => value if value != "" }
  }

  depends_on = [time_sleep.settled]
}
