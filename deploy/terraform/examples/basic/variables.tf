variable "project" {
  description = "ID of the project to deploy to."
  type        = string
}

variable "alert_emails" {
  description = "Addresses that the alerts are mailed to."
  type        = list(string)
  default     = []
}
