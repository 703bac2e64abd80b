// Package deploy holds what runs eeexport on Google Cloud and elsewhere: a
// Terraform module, a Dockerfile and a workflow. It has no code but the tests
// that hold them to the contract and to each other. Start with README.md.
package deploy
