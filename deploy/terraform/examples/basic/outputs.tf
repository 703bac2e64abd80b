output "http_url" {
  description = "Where exports are started over HTTP."
  value       = module.eeexport.http_url
}

output "requests_topic" {
  description = "Where exports are started with a message."
  value       = module.eeexport.topics["requests"]
}

output "nightly_job" {
  description = "The Scheduler job of the nightly export."
  value       = module.eeexport.scheduled_jobs["nightly"]
}

output "dashboard" {
  description = "Where the console shows the dashboard."
  value       = module.eeexport.dashboard
}
