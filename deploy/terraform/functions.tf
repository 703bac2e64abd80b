locals {
  # What every function reads; "" is for a variable that is left unset.
  common_environment = {
    GOOGLE_CLOUD_PROJECT        = var.project
    EARTHENGINE_ENDPOINT        = var.earth_engine_endpoint == null ? "" : var.earth_engine_endpoint
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint == null ? "" : var.otlp_endpoint
  }

  # The rules of the pipeline are the same for every function.
  exporter_environment = merge(local.common_environment, {
    CLOUD_RUN_TIMEOUT_SECONDS = tostring(var.timeout_seconds)
    OPERATIONS_TOPIC          = google_pubsub_topic.this["operations"].name
    ALLOWED_PROJECTS          = join(",", var.allowed_projects)
    ALLOWED_ASSETS            = join(",", var.allowed_assets)
    ALLOWED_READS             = join(",", var.allowed_reads)
    EXPRESSION_CHECK          = var.expression_check
    MAX_REQUEST_BYTES         = tostring(var.max_request_bytes)
  })

  # One row per function, whether it runs from source or from an image.
  functions = {
    for part, function in {
      # People call it from anywhere; IAM lets in those that invokers.tf names.
      http = {
        description   = "ExportClassifier: starts exports of Earth Engine classifiers for HTTP callers"
        target        = "ExportClassifier"
        account       = "exporter"
        ingress       = "ALLOW_ALL"
        timeout       = var.timeout_seconds
        memory        = var.memory
        min_instances = var.min_instances.http
        max_instances = var.bounds.http_instances
        concurrency   = var.bounds.http_concurrency
        environment   = local.exporter_environment
        secret        = null
      }

      # The same function with the secret. It is apart because Workflows and
      # people cannot sign: with the secret on the one above they would be locked
      # out, and that one never has to be public.
      webhook = {
        description   = "ExportClassifier: starts exports of Earth Engine classifiers for signed webhooks"
        target        = "ExportClassifier"
        account       = "webhook"
        ingress       = "ALLOW_ALL"
        timeout       = var.timeout_seconds
        memory        = var.memory
        min_instances = var.min_instances.webhook
        max_instances = var.bounds.webhook_instances
        concurrency   = var.bounds.webhook_concurrency
        environment   = local.exporter_environment
        secret        = var.webhook_secret
      }

      # The subscription in subscriptions.tf pushes messages to it. Pub/Sub and
      # Eventarc of this project count as internal.
      event = {
        description   = "ExportClassifierEvent: starts exports of Earth Engine classifiers for Pub/Sub messages"
        target        = "ExportClassifierEvent"
        account       = "exporter"
        ingress       = "ALLOW_INTERNAL_ONLY"
        timeout       = var.timeout_seconds
        memory        = var.memory
        min_instances = var.min_instances.event
        max_instances = var.bounds.event_instances
        concurrency   = var.bounds.event_concurrency
        environment = merge(local.exporter_environment, {
          FAILURES_TOPIC  = google_pubsub_topic.this["failures"].name
          REQUESTS_TOPIC  = google_pubsub_topic.this["requests"].name
          REQUEST_MAX_AGE = var.request_max_age
        })
        secret = null
      }

      # One tick at a time, so that its calls are all that Earth Engine sees of
      # the watcher. Two would do no harm, but the second would find nothing.
      watcher = {
        description   = "WatchOperations: publishes how each export has ended"
        target        = "WatchOperations"
        account       = "watcher"
        ingress       = "ALLOW_INTERNAL_ONLY"
        timeout       = 60
        memory        = "512Mi"
        min_instances = 0
        max_instances = 1
        concurrency   = 1
        environment = merge(local.common_environment, {
          CLOUD_RUN_TIMEOUT_SECONDS = "60"
          COMPLETIONS_TOPIC         = google_pubsub_topic.this["completions"].name
          PENDING_SUBSCRIPTION      = google_pubsub_subscription.pending.name
        })
        secret = null
      }
    } : part => function if part != "webhook" || local.has_webhook
  }

  # What runs: its Cloud Run service and its URL. A function of the 2nd
  # generation is such a service too.
  services = merge(
    { for part, f in google_cloudfunctions2_function.this : part => { id = f.service_config[0].service, uri = f.service_config[0].uri } },
    { for part, s in google_cloud_run_v2_service.this : part => { id = s.id, uri = s.uri } },
  )
}

resource "google_cloudfunctions2_function" "this" {
  for_each = { for part, function in local.functions : part => function if local.from_source }

  project      = var.project
  location     = var.region
  name         = "${var.name}-${each.key}"
  description  = each.value.description
  labels       = local.labels
  kms_key_name = var.kms_key

  build_config {
    runtime           = var.runtime
    entry_point       = each.value.target
    service_account   = google_service_account.this["builder"].id
    docker_repository = google_artifact_registry_repository.functions[0].id
    source {
      storage_source {
        bucket = google_storage_bucket.source[0].name
        object = google_storage_bucket_object.source[0].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this[each.value.account].email
    timeout_seconds                  = each.value.timeout
    min_instance_count               = each.value.min_instances
    max_instance_count               = each.value.max_instances
    max_instance_request_concurrency = each.value.concurrency
    # More than one request at once needs a whole CPU.
    available_cpu                 = "1"
    available_memory              = each.value.memory
    ingress_settings              = each.value.ingress
    vpc_connector                 = try(var.vpc.connector, null)
    vpc_connector_egress_settings = try(var.vpc.egress, null)
    environment_variables         = { for name, value in each.value.environment : name => value if value != "" }

    dynamic "secret_environment_variables" {
      for_each = each.value.secret[*]
      content {
        key        = "WEBHOOK_SECRET"
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = var.webhook_secret_version
      }
    }
  }

  depends_on = [time_sleep.settled]
}

resource "google_cloud_run_v2_service" "this" {
  for_each = { for part, function in local.functions : part => function if !local.from_source }

  project             = var.project
  location            = var.region
  name                = "${var.name}-${each.key}"
  description         = each.value.description
  labels              = local.labels
  ingress             = each.value.ingress == "ALLOW_ALL" ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = false

  template {
    service_account                  = google_service_account.this[each.value.account].email
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.concurrency
    encryption_key                   = var.kms_key

    scaling {
      min_instance_count = each.value.min_instances
      max_instance_count = each.value.max_instances
    }

    dynamic "vpc_access" {
      for_each = var.vpc[*]
      content {
        connector = vpc_access.value.connector
        egress    = vpc_access.value.egress
      }
    }

    containers {
      image = var.image

      resources {
        limits = { cpu = "1", memory = each.value.memory }
      }

      dynamic "env" {
        for_each = merge({ FUNCTION_TARGET = each.value.target }, { for name, value in each.value.environment : name => value if value != "" })
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = each.value.secret[*]
        content {
          name = "WEBHOOK_SECRET"
          value_source {
            secret_key_ref {
              secret  = env.value
              version = var.webhook_secret_version
            }
          }
        }
      }
    }
  }

  depends_on = [time_sleep.settled]
}

# The functions had a resource each before they became rows. Moved, they are
# updated in place instead of recreated.

moved {
  from = google_cloudfunctions2_function.http
  to   = google_cloudfunctions2_function.this["http"]
}

moved {
  from = google_cloudfunctions2_function.webhook[0]
  to   = google_cloudfunctions2_function.this["webhook"]
}

moved {
  from = google_cloudfunctions2_function.event
  to   = google_cloudfunctions2_function.this["event"]
}

moved {
  from = google_cloudfunctions2_function.watcher
  to   = google_cloudfunctions2_function.this["watcher"]
}
