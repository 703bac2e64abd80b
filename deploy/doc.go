// Package deploy holds what runs eeexport on Google Cloud and elsewhere: a
// Terraform module, a Dockerfile and a workflow. It has no code except the
// tests, which check them against the contract and against each other. Start
// with README.md.
package deploy
