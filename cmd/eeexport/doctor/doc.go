// Package doctor finds out what a deployment of eeexport lacks. It asks Google's
// APIs with one account and changes nothing. For each check it reports ok, wrong
// or unknown, with the command that fixes it.
//
//	findings := doctor.Run(ctx, doctor.Config{Project: "my-project", Name: "eeexport"}, nil)
package doctor
