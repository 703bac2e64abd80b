# One deployment for each team, all in one project: each has accounts, topics and
# lists of its own, so that no request of one team reaches the assets, the data or
# the quota of another. Each team's exports are charged to a project of its own,
# which its requests name.
module "team" {
  for_each = var.teams
  source   = "../.."

  project = var.project
  name    = "ee-${each.key}"
  labels  = { team = each.key }

  # What its exports are charged to, where they may write, and what they may read.
  allowed_projects = [each.value.project]
  allowed_assets   = ["projects/${each.value.project}/assets/models"]
  allowed_reads    = concat(["projects/${each.value.project}/assets"], each.value.reads)

  # Senders without a Google account sign what they send.
  webhook_secret = "ee-${each.key}-webhook"
  public         = true

  publishers   = each.value.publishers
  operators    = each.value.operators
  alert_emails = var.alert_emails
}
