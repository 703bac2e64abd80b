module "eeexport" {
  source = "../.."

  project      = var.project
  alert_emails = var.alert_emails
  schedules = {
    nightly = { cron = "0 3 * * *", time_zone = "Europe/Zurich", request_file = "${path.module}/request.json" }
  }
}
