output "http_url" {
  description = "Where ExportClassifier takes requests from those that invokers names: its URL, and the audience of their ID tokens."
  value       = local.services["http"].uri
}

output "webhook_url" {
  description = "Where ExportClassifier takes signed webhooks; null without webhook_secret."
  value       = try(local.services["webhook"].uri, null)
}

output "event_url" {
  description = "Where Pub/Sub pushes requests to ExportClassifierEvent; reached from inside the project alone."
  value       = local.services["event"].uri
}

output "watcher_url" {
  description = "Where Cloud Scheduler ticks WatchOperations; reached from inside the project alone."
  value       = local.services["watcher"].uri
}

output "topics" {
  description = "Full names of the topics: requests (publish there to start exports), operations, completions, failures, dead-letters."
  value       = { for key, topic in google_pubsub_topic.this : key => topic.id }
}

output "subscriptions" {
  description = "Full names of the subscriptions: requests, pending, and failures and dead-letters for eeexport redrive."
  value = merge(
    { for key, subscription in google_pubsub_subscription.parked : key => subscription.id },
    {
      requests = google_pubsub_subscription.requests.id
      pending  = google_pubsub_subscription.pending.id
    },
  )
}

output "service_accounts" {
  description = "E-mail addresses of the service accounts. Share training data in other projects with exporter, and with webhook if there is one."
  value       = { for key, account in google_service_account.this : key => account.email }
}

output "scheduled_jobs" {
  description = "Names of the Scheduler jobs by schedule, for gcloud scheduler jobs run."
  value       = { for key, job in google_cloud_scheduler_job.export : key => job.name }
}

output "dashboard" {
  description = "Where the console shows the dashboard."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${basename(google_monitoring_dashboard.this.id)}?project=${var.project}"
}
