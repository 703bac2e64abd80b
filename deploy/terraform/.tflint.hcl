config {
  call_module_type = "local"
}

# The ruleset that tflint brings with it: nothing is downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# It wants all variables in one file. They would be 480 lines: they stand in
# variables*.tf, by what they are about.
rule "terraform_standard_module_structure" {
  enabled = false
}
