# Schedules.

variable "schedules" {
  description = "Scheduled exports by name: a cron expression, its time zone, and the file that holds the request."
  type = map(object({
    cron         = string
    request_file = string
    time_zone    = optional(string, "Etc/UTC")
    description  = optional(string, "Exports a classifier")
    paused       = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$", name)) && name != "watcher"])
    error_message = "A schedule's name must be 1 to 50 characters: a-z, 0-9 and -. It must not be watcher, which is the watcher's own."
  }

  validation {
    condition     = alltrue([for s in var.schedules : length(split(" ", s.cron)) == 5])
    error_message = "cron must have five fields: minute, hour, day of month, month, day of week."
  }

  validation {
    condition     = alltrue([for s in var.schedules : can(jsondecode(file(s.request_file)))])
    error_message = "request_file must name a file that holds JSON."
  }

  validation {
    # 1 MB is for the whole job, and the request is in it in base64.
    condition     = alltrue([for s in var.schedules : try(length(filebase64(s.request_file)) < 1000000, true)])
    error_message = "Cloud Scheduler takes 750 kB. Publish a larger request to the requests topic."
  }

  validation {
    # A constant request ID would always return the first run's Operation, and
    # start nothing.
    condition     = alltrue([for s in var.schedules : !can(regex("^[^{]*$", try(jsondecode(file(s.request_file)).requestId, jsondecode(file(s.request_file)).request_id)))])
    error_message = "A scheduled request's requestId must hold {date} or {time}, or every run would be the first one again."
  }
}

# Alerts.

variable "alert_emails" {
  description = "Addresses that the alerts are mailed to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", a))])
    error_message = "Each must be an e-mail address."
  }
}

variable "notification_channels" {
  description = "Notification channels that exist already, each projects/*/notificationChannels/*, that the alerts go to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", c))])
    error_message = "Each must be projects/*/notificationChannels/*."
  }
}

variable "alert_thresholds" {
  description = "When the alerts fire: age of the oldest request in minutes and of the oldest pending Operation in hours, share of answers that are 5xx and how many there must be in five minutes, and answers of 429 in five minutes that are no longer ordinary back-pressure."
  type = object({
    oldest_request_minutes = optional(number, 60)
    oldest_pending_hours   = optional(number, 240)
    server_error_ratio     = optional(number, 0.05)
    server_errors          = optional(number, 5)
    quota_errors           = optional(number, 20)
  })
  default = {}

  validation {
    condition     = alltrue([for n in values(var.alert_thresholds) : n > 0]) && var.alert_thresholds.server_error_ratio < 1
    error_message = "Each must be above 0, and server_error_ratio below 1."
  }
}

variable "runbook_url" {
  description = "Where the alerts' links find this repository's deploy/README.md."
  type        = string
  default     = "https://example.com/eeexport/blob/main/deploy/README.md"

  validation {
    condition     = can(regex("^https?://[^#]+$", var.runbook_url))
    error_message = "Give a URL without a fragment."
  }
}
