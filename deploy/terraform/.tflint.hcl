config {
  call_module_type = "local"
}

# The ruleset that tflint brings with it: nothing is downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
