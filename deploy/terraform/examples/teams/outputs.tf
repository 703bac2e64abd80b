output "webhook_urls" {
  description = "Where each team's senders of webhooks go."
  value       = { for name, team in module.team : name => team.webhook_url }
}

output "requests_topics" {
  description = "Where each team publishes its requests."
  value       = { for name, team in module.team : name => team.topics["requests"] }
}

output "exporters" {
  description = "The accounts that a team shares its training data with."
  value       = { for name, team in module.team : name => [team.service_accounts["exporter"], team.service_accounts["webhook"]] }
}
