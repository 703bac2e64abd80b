# How much runs at once, how long, and how long messages are kept.

variable "bounds" {
  description = "Instances of each function at most, and requests that one instance serves at once. One request makes one call to Earth Engine at a time, so their products, and the 20 calls that a tick of the watcher makes at once, add up to what Earth Engine can see. The webhook's share is kept free also if there is none."
  type = object({
    event_instances     = optional(number, 2)
    event_concurrency   = optional(number, 6)
    http_instances      = optional(number, 2)
    http_concurrency    = optional(number, 2)
    webhook_instances   = optional(number, 2)
    webhook_concurrency = optional(number, 2)
  })
  default = {}

  validation {
    condition     = alltrue([for n in values(var.bounds) : n == floor(n) && n >= 1 && n <= 1000])
    error_message = "Each must be a whole number from 1 to 1000."
  }

  validation {
    condition = (
      var.bounds.event_instances * var.bounds.event_concurrency +
      var.bounds.http_instances * var.bounds.http_concurrency +
      var.bounds.webhook_instances * var.bounds.webhook_concurrency +
      20
    ) <= var.earth_engine_concurrency
    error_message = "Instances times concurrency, added up over the functions and with 20 for the watcher, are more than Earth Engine serves at once (earth_engine_concurrency): the rest would be refused with 429."
  }
}

variable "min_instances" {
  description = "Instances that are kept warm, which are paid for while they idle. A cold start takes a second or two."
  type = object({
    event   = optional(number, 0)
    http    = optional(number, 0)
    webhook = optional(number, 0)
  })
  default = {}

  validation {
    condition = (
      alltrue([for n in values(var.min_instances) : n == floor(n) && n >= 0]) &&
      var.min_instances.event <= var.bounds.event_instances &&
      var.min_instances.http <= var.bounds.http_instances &&
      var.min_instances.webhook <= var.bounds.webhook_instances
    )
    error_message = "Each must be a whole number from 0 to the function's instances in bounds."
  }
}

variable "earth_engine_concurrency" {
  description = "How many requests Earth Engine serves the project at once: 40, unless Google has raised it."
  type        = number
  default     = 40

  validation {
    condition     = var.earth_engine_concurrency >= 23
    error_message = "Give at least 23: 20 for the watcher, and one call of each function."
  }
}

variable "timeout_seconds" {
  description = "The platform's timeout of an export request, in seconds. The function itself ends earlier, so that it can still publish and answer."
  type        = number
  default     = 120

  validation {
    # Pub/Sub waits 600 seconds for the answer to a push. A function that works
    # longer would be sent the same message again meanwhile.
    condition     = var.timeout_seconds == floor(var.timeout_seconds) && var.timeout_seconds >= 60 && var.timeout_seconds <= 540
    error_message = "Give a whole number from 60 to 540, which is below the subscription's acknowledgement deadline of 600."
  }
}

variable "memory" {
  description = "Memory of an instance that takes requests. A request of 10 MiB in base64 is held several times over while it is unwrapped, times the concurrency."
  type        = string
  default     = "1Gi"

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "Give a number with Mi or Gi, such as 1Gi."
  }
}

variable "max_delivery_attempts" {
  description = "How often a request is delivered before it goes to the dead-letter topic. After 50 deliveries the function publishes a request that only waits again, so what goes there cannot be processed."
  type        = number
  default     = 100

  validation {
    condition     = var.max_delivery_attempts == floor(var.max_delivery_attempts) && var.max_delivery_attempts > 50 && var.max_delivery_attempts <= 100
    error_message = "Pub/Sub counts to 100, and with 50 or fewer no request could wait for longer than its deliveries last."
  }
}

variable "retention_days" {
  description = "How long a subscription keeps a message that nobody has acknowledged. The watcher's always keeps it for 31 days."
  type        = number
  default     = 31

  validation {
    condition     = var.retention_days == floor(var.retention_days) && var.retention_days >= 1 && var.retention_days <= 31
    error_message = "It is 1 to 31 days."
  }
}

variable "topic_retention_days" {
  description = "How long a topic keeps every message, so that a subscription made later can be rewound."
  type        = number
  default     = 7

  validation {
    condition     = var.topic_retention_days == floor(var.topic_retention_days) && var.topic_retention_days >= 1 && var.topic_retention_days <= 31
    error_message = "It is 1 to 31 days."
  }
}
