variable "project" {
  description = "ID of the project that holds everything and, where a request names none, is charged for the export. It must be registered with Earth Engine."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "Give a project ID, such as my-project: not a number, and without \"projects/\"."
  }
}

variable "region" {
  description = "Region of the functions and the Scheduler jobs, such as us-central1."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Give a region, such as us-central1, and not a zone."
  }
}

variable "name" {
  description = "What the names of all resources begin with. Two deployments in one project need two names."
  type        = string
  default     = "eeexport"

  validation {
    # The longest ID that is made of it is a service account's, of 30 characters
    # at most.
    condition     = can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", var.name))
    error_message = "Use 1 to 20 of a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
}

variable "labels" {
  description = "Labels of everything that can have them, beside app."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", k)) && can(regex("^[a-z0-9_-]{0,63}$", v))])
    error_message = "Keys and values are at most 63 of a-z, 0-9, _ and -; a key begins with a letter."
  }
}

# What a request may do: the functions' own settings.

variable "allowed_projects" {
  description = "Projects that a request may name, by ID; \"*\" for any. Empty for the deployment's own project alone. The functions' accounts are granted Earth Engine in every project named here. Sets ALLOWED_PROJECTS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for p in var.allowed_projects : p == "*" || can(regex("^(projects/)?[a-z0-9][a-z0-9-]{4,28}[a-z0-9]$", p))])
    error_message = "Each is a project ID or \"*\"."
  }
}

variable "allowed_assets" {
  description = "Prefixes, on / boundaries, of the names of assets that may be written, such as projects/my-project/assets/models; \"*\" for any. Empty for projects/P/assets of every allowed project P. Sets ALLOWED_ASSETS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.allowed_assets : a == "*" || can(regex("^projects/[^/,]+/assets(/[^,]+)?$", a))])
    error_message = "Each is projects/*/assets, projects/*/assets/** or \"*\"."
  }
}

variable "expression_check" {
  description = "How far an expression is checked before it is sent: strict, structure or off. Sets EXPRESSION_CHECK."
  type        = string
  default     = "strict"

  validation {
    condition     = contains(["strict", "structure", "off"], var.expression_check)
    error_message = "It is strict, structure or off."
  }
}

variable "max_request_bytes" {
  description = "Size of the largest request that is accepted. A Pub/Sub message holds 10,000,000 bytes at most, a Scheduler job 1 MB. Sets MAX_REQUEST_BYTES."
  type        = number
  default     = 10485760

  validation {
    # Cloud Run's own bound on an HTTP/1 request is 32 MiB, and base64 makes a
    # pushed message a third larger.
    condition     = var.max_request_bytes == floor(var.max_request_bytes) && var.max_request_bytes >= 1024 && var.max_request_bytes <= 24 * 1024 * 1024
    error_message = "It is a whole number from 1024 to 25165824 (24 MiB)."
  }
}

variable "earth_engine_endpoint" {
  description = "Base URL of Earth Engine, called with credentials; null for Earth Engine's own. Sets EARTHENGINE_ENDPOINT."
  type        = string
  default     = null

  validation {
    # Access tokens travel there.
    condition     = var.earth_engine_endpoint == null || can(regex("^https://[a-z0-9.-]+(:[0-9]+)?/?$", var.earth_engine_endpoint))
    error_message = "It is https:// and a host, without a path."
  }
}

variable "otlp_endpoint" {
  description = "URL of an OpenTelemetry collector that takes OTLP; null for no traces. Sets OTEL_EXPORTER_OTLP_ENDPOINT."
  type        = string
  default     = null

  validation {
    condition     = var.otlp_endpoint == null || can(regex("^https?://[^/ ]+", var.otlp_endpoint))
    error_message = "It is a URL that begins with http:// or https://."
  }
}

# How much runs at once.

variable "bounds" {
  description = "Instances of each function at most, and requests that one instance serves at once. One request makes one call to Earth Engine at a time, so their products, and the calls that a tick of the watcher makes at once, add up to what Earth Engine can see. The webhook's share is kept free also where there is none."
  type = object({
    event_instances     = optional(number, 2)
    event_concurrency   = optional(number, 6)
    http_instances      = optional(number, 2)
    http_concurrency    = optional(number, 2)
    webhook_instances   = optional(number, 2)
    webhook_concurrency = optional(number, 2)
    watcher_calls       = optional(number, 20)
  })
  default = {}

  validation {
    condition     = alltrue([for n in values(var.bounds) : n == floor(n) && n >= 1 && n <= 1000])
    error_message = "Each is a whole number from 1 to 1000."
  }

  validation {
    condition = (
      var.bounds.event_instances * var.bounds.event_concurrency +
      var.bounds.http_instances * var.bounds.http_concurrency +
      var.bounds.webhook_instances * var.bounds.webhook_concurrency +
      var.bounds.watcher_calls
    ) <= var.earth_engine_concurrency
    error_message = "Instances times concurrency, added up over the functions, are more than Earth Engine serves at once (earth_engine_concurrency): the rest would be refused with 429."
  }
}

variable "earth_engine_concurrency" {
  description = "How many requests Earth Engine serves the project at once: 40, unless Google has raised it."
  type        = number
  default     = 40

  validation {
    condition     = var.earth_engine_concurrency >= 10
    error_message = "It is at least 10."
  }
}

variable "timeout_seconds" {
  description = "What the platform gives one export request. The function itself ends earlier, so that it can still publish and answer."
  type        = number
  default     = 120

  validation {
    # Pub/Sub waits 600 seconds for the answer to a push. A function that works
    # longer would be sent the same message again meanwhile.
    condition     = var.timeout_seconds == floor(var.timeout_seconds) && var.timeout_seconds >= 60 && var.timeout_seconds <= 540
    error_message = "It is a whole number from 60 to 540, which is below the subscription's acknowledgement deadline of 600."
  }
}

variable "memory" {
  description = "Memory of an instance that takes requests. A request of 10 MiB in base64 is held several times over while it is unwrapped, times the concurrency."
  type        = string
  default     = "1Gi"

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "It is a number with Mi or Gi, such as 1Gi."
  }
}

variable "max_delivery_attempts" {
  description = "How often a request is delivered before it goes to the dead-letter topic. What can never succeed is done with at the first attempt, so the rest is waiting: 100 attempts last about 16 hours."
  type        = number
  default     = 100

  validation {
    condition     = var.max_delivery_attempts == floor(var.max_delivery_attempts) && var.max_delivery_attempts >= 5 && var.max_delivery_attempts <= 100
    error_message = "Pub/Sub takes 5 to 100."
  }
}

variable "retention_days" {
  description = "How long a subscription keeps a message that nobody has acknowledged. The watcher's keeps it for 31 days whatever stands here."
  type        = number
  default     = 31

  validation {
    condition     = var.retention_days == floor(var.retention_days) && var.retention_days >= 1 && var.retention_days <= 31
    error_message = "It is 1 to 31 days."
  }
}

variable "topic_retention_days" {
  description = "How long a topic keeps every message, so that a subscription made later can be wound back to it."
  type        = number
  default     = 7

  validation {
    condition     = var.topic_retention_days == floor(var.topic_retention_days) && var.topic_retention_days >= 1 && var.topic_retention_days <= 31
    error_message = "It is 1 to 31 days."
  }
}

# Who may call.

variable "invokers" {
  description = "Members that may call ExportClassifier, such as user:ann@example.com or serviceAccount:ci@my-project.iam.gserviceaccount.com."
  type        = list(string)
  default     = []

  validation {
    # "all…" is no member but the public: that is var.public.
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
  description = "Members that may look at failed requests and dead letters and send them again (eeexport redrive)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for m in var.operators : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m))])
    error_message = "Each is a named member: user:, group:, serviceAccount:, domain:, principal: or principalSet:."
  }
}

variable "webhook_secret" {
  description = "ID of a secret in the project's Secret Manager that holds a Standard Webhooks secret (whsec_…): a function for webhooks is then deployed beside the others, which demands a valid signature of every request. null for none. The secret's value never passes through Terraform or its state. Sets WEBHOOK_SECRET."
  type        = string
  default     = null

  validation {
    # A secret that is given by mistake would stand in the state for ever.
    condition     = var.webhook_secret == null || can(regex("^[A-Za-z0-9_-]{1,255}$", var.webhook_secret)) && !can(regex("^whsec_", var.webhook_secret))
    error_message = "It is a secret's ID, such as eeexport-webhook, and not the secret itself."
  }
}

variable "webhook_secret_version" {
  description = "Version of the webhook secret: a number, which makes a rotation a deployment, or latest, which every new instance reads."
  type        = string
  default     = "latest"

  validation {
    condition     = can(regex("^(latest|[1-9][0-9]*)$", var.webhook_secret_version))
    error_message = "It is latest or a number."
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

# What runs by itself.

variable "schedules" {
  description = "Scheduled exports by name: a cron expression, its time zone, the file that holds the request, and how often and how long a run that fails is tried again."
  type = map(object({
    cron               = string
    request_file       = string
    time_zone          = optional(string, "Etc/UTC")
    description        = optional(string, "Exports a classifier")
    paused             = optional(bool, false)
    retry_count        = optional(number, 5)
    min_backoff        = optional(string, "30s")
    max_backoff        = optional(string, "600s")
    max_retry_duration = optional(string, "3600s")
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$", name))])
    error_message = "A schedule's name is 1 to 50 of a-z, 0-9 and -."
  }

  validation {
    condition     = alltrue([for s in var.schedules : length(split(" ", s.cron)) == 5])
    error_message = "cron has five fields: minute, hour, day of month, month, day of week."
  }

  validation {
    condition     = alltrue([for s in var.schedules : s.retry_count >= 0 && s.retry_count <= 5])
    error_message = "Cloud Scheduler takes a retry_count of 0 to 5."
  }

  validation {
    condition     = alltrue([for s in var.schedules : can(jsondecode(file(s.request_file)))])
    error_message = "request_file is a file that holds JSON."
  }

  validation {
    # 1 MB is for the whole job, headers and all.
    condition     = alltrue([for s in var.schedules : try(length(filebase64(s.request_file)) * 3 / 4 < 1000000, true)])
    error_message = "Cloud Scheduler takes 1 MB. Publish a larger request to the requests topic."
  }

  validation {
    # The same request ID at every run would give the first run's Operation for
    # ever, and start nothing.
    condition     = alltrue([for s in var.schedules : !can(jsondecode(file(s.request_file)).requestId) && !can(jsondecode(file(s.request_file)).request_id)])
    error_message = "A scheduled request must not hold a requestId: each run gets its own from the job's name and time."
  }
}

# What is watched.

variable "alert_emails" {
  description = "Addresses that the alerts are mailed to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", a))])
    error_message = "Each is an e-mail address."
  }
}

variable "notification_channels" {
  description = "Notification channels that exist already, each projects/*/notificationChannels/*, that the alerts go to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", c))])
    error_message = "Each is projects/*/notificationChannels/*."
  }
}

variable "alert_thresholds" {
  description = "When the alerts fire: age of the oldest request in minutes and of the oldest pending Operation in hours, share of answers that are 5xx, and answers of 429 in five minutes that are no longer ordinary back-pressure."
  type = object({
    oldest_request_minutes = optional(number, 60)
    oldest_pending_hours   = optional(number, 24)
    server_error_ratio     = optional(number, 0.05)
    quota_errors           = optional(number, 20)
  })
  default = {}

  validation {
    condition     = alltrue([for n in values(var.alert_thresholds) : n > 0]) && var.alert_thresholds.server_error_ratio < 1
    error_message = "Each is above 0, and server_error_ratio below 1."
  }
}

variable "runbook_url" {
  description = "Where the alerts' links find this repository's deploy/README.md."
  type        = string
  default     = "https://example.com/eeexport/blob/main/deploy/README.md"

  validation {
    condition     = can(regex("^https?://[^#]+$", var.runbook_url))
    error_message = "It is a URL without a fragment."
  }
}

# What is deployed.

variable "source_dir" {
  description = "The repository's root, which the functions are built from; null for the one that this module stands in."
  type        = string
  default     = null

  validation {
    condition     = var.source_dir == null || try(fileexists("${var.source_dir}/function.go"), false)
    error_message = "It is a folder that holds function.go."
  }
}

variable "runtime" {
  description = "Go runtime of Cloud Functions: at least the version in go.mod."
  type        = string
  default     = "go126"

  validation {
    condition     = can(regex("^go1[0-9]{2}$", var.runtime))
    error_message = "It is a Go runtime, such as go126."
  }
}
