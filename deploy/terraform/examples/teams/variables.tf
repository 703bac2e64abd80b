variable "project" {
  description = "ID of the project to deploy to."
  type        = string
}

variable "teams" {
  description = "The teams by name, of at most 14 letters: each has its own Earth Engine project, and what it reads beside that project's assets, such as COPERNICUS or gs://my-bucket."
  type = map(object({
    project    = string
    reads      = optional(list(string), [])
    publishers = optional(list(string), [])
    operators  = optional(list(string), [])
  }))
}

variable "alert_emails" {
  description = "Addresses that the alerts are mailed to."
  type        = list(string)
  default     = []
}
