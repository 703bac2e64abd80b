# What this is, and what runs.

variable "project" {
  description = "ID of the project that holds everything and is charged for the export if a request names no project. It must be registered with Earth Engine."
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
  description = "Prefix of the names of all resources. Two deployments in one project need two names."
  type        = string
  default     = "eeexport"

  validation {
    # The longest ID that is made of it is a service account's, of 30 characters
    # at most.
    condition     = can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", var.name))
    error_message = "Use 1 to 20 characters: a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
}

variable "labels" {
  description = "Labels of everything that can have them, beside app."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", k)) && can(regex("^[a-z0-9_-]{0,63}$", v))])
    error_message = "Keys and values must be at most 63 characters: a-z, 0-9, _ and -. A key must begin with a letter."
  }
}

variable "image" {
  description = "Container image of the functions (deploy/Dockerfile), as an alternative to building them from source: Cloud Run services then take their place. null for source. Decide before the first apply: the one cannot become the other under the same name."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9.-]+(/[a-z0-9._-]+)+(:[A-Za-z0-9_.-]+|(:[A-Za-z0-9_.-]+)?@sha256:[0-9a-f]{64})$", var.image)) && !can(regex(":latest$", var.image))
    error_message = "Give registry/repository/image with @sha256:… or a tag other than latest, which a rollback could not name."
  }
}

variable "runtime" {
  description = "Go runtime of Cloud Functions: at least the version in go.mod."
  type        = string
  default     = "go126"

  validation {
    condition     = can(regex("^go1[0-9]{2}$", var.runtime))
    error_message = "Give a Go runtime, such as go126."
  }
}

variable "kms_key" {
  description = "Key in Cloud KMS that encrypts the source, the images, the functions and the topics; null for Google's own. README.md says which accounts must be allowed to use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "Give projects/*/locations/*/keyRings/*/cryptoKeys/*, in the functions' region."
  }
}

variable "vpc" {
  description = "Serverless VPC Access connector that the functions' outgoing traffic takes, and whether all of it or that to private addresses alone; null for none. With ALL_TRAFFIC the network must reach Google's APIs."
  type = object({
    connector = string
    egress    = optional(string, "PRIVATE_RANGES_ONLY")
  })
  default = null

  validation {
    condition     = var.vpc == null || try(can(regex("^projects/[^/]+/locations/[^/]+/connectors/[^/]+$", var.vpc.connector)) && contains(["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"], var.vpc.egress), false)
    error_message = "connector must be projects/*/locations/*/connectors/*, and egress PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  }
}

# What a request may do: the functions' own settings.

variable "allowed_projects" {
  description = "Projects that a request may name, by ID; \"*\" for any. Empty for the deployment's own project alone. The functions' accounts are granted Earth Engine in every project named here; README.md says what else each of them needs. Sets ALLOWED_PROJECTS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for p in var.allowed_projects : p == "*" || can(regex("^(projects/)?[a-z0-9][a-z0-9-]{4,28}[a-z0-9]$", p))])
    error_message = "Each must be a project ID or \"*\"."
  }
}

variable "allowed_assets" {
  description = "Prefixes, on / boundaries, of the names of assets that may be written, such as projects/my-project/assets/models; \"*\" for any. Empty for projects/P/assets of every allowed project P. Sets ALLOWED_ASSETS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.allowed_assets : a == "*" || can(regex("^projects/[^/,]+/assets(/[^,]+)?$", a))])
    error_message = "Each must be projects/*/assets, projects/*/assets/** or \"*\"."
  }
}

variable "allowed_reads" {
  description = "Prefixes, on / boundaries, of what an expression may load: asset names and catalog IDs, such as projects/my-project/assets or COPERNICUS, and gs://bucket; \"*\" or empty for anything. Name them if several teams share a deployment: an expression reads with the exporter's account. Sets ALLOWED_READS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for r in var.allowed_reads : r == "*" || can(regex("^(gs://[a-z0-9][a-z0-9._-]*(/[^/,[:space:]]+)*|[A-Za-z][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*)$", r))])
    error_message = "Each must be an asset name, a catalog ID, gs://bucket/… or \"*\", without a comma or a wildcard inside."
  }
}

variable "expression_check" {
  description = "How far an expression is checked before it is sent: strict, structure or off. Sets EXPRESSION_CHECK."
  type        = string
  default     = "strict"

  validation {
    condition     = contains(["strict", "structure", "off"], var.expression_check)
    error_message = "Give strict, structure or off."
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
    error_message = "Give a whole number from 1024 to 25165824 (24 MiB)."
  }
}

variable "request_max_age" {
  description = "How long an event may wait for Earth Engine before it goes to the failures topic, as a duration such as 604800s. Sets REQUEST_MAX_AGE."
  type        = string
  default     = "604800s"

  validation {
    condition     = can(regex("^[1-9][0-9]*s$", var.request_max_age)) && try(tonumber(trimsuffix(var.request_max_age, "s")) <= 2678400, false)
    error_message = "Give a whole number of seconds with s, at most 2678400s (31 days)."
  }
}

variable "earth_engine_endpoint" {
  description = "Base URL of Earth Engine, called with credentials; null for Earth Engine's own. Sets EARTHENGINE_ENDPOINT."
  type        = string
  default     = null

  validation {
    # Access tokens travel there.
    condition     = var.earth_engine_endpoint == null || can(regex("^https://[a-z0-9.-]+(:[0-9]+)?/?$", var.earth_engine_endpoint))
    error_message = "Give https:// and a host, without a path."
  }
}

variable "otlp_endpoint" {
  description = "URL of an OpenTelemetry collector that takes OTLP; null for no traces. Sets OTEL_EXPORTER_OTLP_ENDPOINT."
  type        = string
  default     = null

  validation {
    condition     = var.otlp_endpoint == null || can(regex("^https?://[^/ ]+", var.otlp_endpoint))
    error_message = "Give a URL that begins with http:// or https://."
  }
}
