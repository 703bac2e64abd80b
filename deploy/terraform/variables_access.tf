# Who may call, publish and operate.

variable "invokers" {
  description = "Members that may call ExportClassifier, such as user:ann@example.com or serviceAccount:ci@my-project.iam.gserviceaccount.com."
  type        = list(string)
  default     = []

  validation {
    # "all…" is not a member but the public: that is var.public.
    condition     = alltrue([for m in var.invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m))])
    error_message = "Each is a named member: user:, group:, serviceAccount:, domain:, principal: or principalSet:."
  }
}

variable "publishers" {
  description = "Members that may publish requests to the requests topic."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for m in var.publishers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m))])
    error_message = "Each is a named member: user:, group:, serviceAccount:, domain:, principal: or principalSet:."
  }
}

variable "operators" {
  description = "Members that follow the runbook: they may read logs, metrics, jobs, subscriptions and Operations, and send failed requests and dead letters again (eeexport redrive)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for m in var.operators : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m))])
    error_message = "Each is a named member: user:, group:, serviceAccount:, domain:, principal: or principalSet:."
  }
}

variable "earth_engine_role" {
  description = "Role that lets the functions start exports: Earth Engine's writer, or a custom role with less (README.md has its permissions)."
  type        = string
  default     = "roles/earthengine.writer"

  validation {
    condition     = can(regex("^((projects|organizations)/[^/]+/)?roles/[A-Za-z0-9_.]+$", var.earth_engine_role))
    error_message = "Give roles/…, projects/*/roles/… or organizations/*/roles/…."
  }
}

variable "webhook_secret" {
  description = "ID of a secret in the project's Secret Manager that holds a Standard Webhooks secret (whsec_…): a function that requires a valid signature of every request is then deployed beside the others. null for none. The secret's value never passes through Terraform or its state. Sets WEBHOOK_SECRET."
  type        = string
  default     = null

  validation {
    # A secret given by mistake would stay in the state for ever.
    condition     = var.webhook_secret == null || can(regex("^[A-Za-z0-9_-]{1,255}$", var.webhook_secret)) && !can(regex("^whsec_", var.webhook_secret))
    error_message = "Give a secret's ID, such as eeexport-webhook, and not the secret itself."
  }
}

variable "webhook_secret_version" {
  description = "Version of the webhook secret: a number, which makes a rotation a deployment, or latest, which every new instance reads."
  type        = string
  default     = "latest"

  validation {
    condition     = can(regex("^(latest|[1-9][0-9]*)$", var.webhook_secret_version))
    error_message = "Give latest or a number."
  }
}

variable "public" {
  description = "Lets anybody reach the function for webhooks, as a sender without a Google account must. Possible only with webhook_secret."
  type        = bool
  default     = false

  validation {
    condition     = !var.public || var.webhook_secret != null
    error_message = "Without webhook_secret anybody could start exports: set it, or name the callers in invokers."
  }
}
