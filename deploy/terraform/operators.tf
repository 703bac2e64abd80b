# What the runbook needs, and no more: operators read everything that a step
# looks at, take failed requests off their subscriptions, and publish them again.
# What changes the deployment is left to whoever applies this module.
resource "google_project_iam_member" "operators" {
  for_each = {
    for grant in concat(
      [for pair in setproduct(var.operators, [
        "roles/cloudscheduler.viewer",
        "roles/logging.viewer",
        "roles/monitoring.viewer",
        "roles/pubsub.viewer",
        "roles/run.viewer",
      ]) : { member = pair[0], role = pair[1], project = var.project }],
      [for triple in setproduct(var.operators, [
        "roles/earthengine.viewer",
        "roles/serviceusage.serviceUsageConsumer",
      ], local.earth_engine_targets) : { member = triple[0], role = triple[1], project = triple[2] }],
    ) : "${grant.project} ${grant.role} ${grant.member}" => grant
  }

  project = each.value.project
  role    = each.value.role
  member  = each.value.member
}

resource "google_pubsub_subscription_iam_member" "operators" {
  for_each = {
    for pair in setproduct(["failures", "dead-letters"], var.operators) :
    "${pair[0]} ${pair[1]}" => { subscription = pair[0], member = pair[1] }
  }

  project      = var.project
  subscription = google_pubsub_subscription.parked[each.value.subscription].id
  role         = "roles/pubsub.subscriber"
  member       = each.value.member
}
