# For those who have Terraform: terraform test, in the module's folder. Nothing is
# deployed and no account is needed, since the providers are mocked; the tests of
# this repository check more, without Terraform.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789" }
  }
}

mock_provider "archive" {}

mock_provider "time" {}

variables {
  project = "my-project"
}

run "a_project_is_enough" {
  command = plan

  assert {
    condition     = toset(keys(google_cloudfunctions2_function.this)) == toset(["http", "event", "watcher"])
    error_message = "Without a webhook secret there are three functions."
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.webhook_public) == 0
    error_message = "Nobody is let in without a secret."
  }
}

run "a_webhook_has_its_own_function_and_account" {
  command = plan

  variables {
    webhook_secret = "eeexport-webhook"
    public         = true
  }

  assert {
    condition     = google_cloudfunctions2_function.this["webhook"].service_config[0].secret_environment_variables[0].secret == "eeexport-webhook"
    error_message = "The function for webhooks reads the secret."
  }

  assert {
    condition     = google_service_account.this["webhook"].account_id == "eeexport-webhook"
    error_message = "The function for webhooks has an account of its own."
  }
}

run "an_image_takes_the_place_of_source" {
  command = plan

  variables {
    image = "us-docker.pkg.dev/my-project/eeexport/server:1.0.0"
  }

  assert {
    condition     = length(google_cloudfunctions2_function.this) == 0 && length(google_cloud_run_v2_service.this) == 3
    error_message = "With an image, Cloud Run services take the place of functions."
  }

  assert {
    condition     = length(google_storage_bucket.source) == 0 && !contains(keys(google_service_account.this), "builder")
    error_message = "With an image, nothing is built."
  }
}

run "public_needs_a_secret" {
  command = plan

  variables {
    public = true
  }

  expect_failures = [var.public]
}

run "the_watchers_name_is_taken" {
  command = plan

  variables {
    schedules = {
      watcher = { cron = "0 3 * * *", request_file = "examples/basic/request.json" }
    }
  }

  expect_failures = [var.schedules]
}

run "more_calls_than_the_quota_are_refused" {
  command = plan

  variables {
    bounds = { event_instances = 3 }
  }

  expect_failures = [var.bounds]
}
