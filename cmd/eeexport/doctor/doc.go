// Package doctor finds out what a deployment of eeexport lacks. It asks Google's
// APIs with one account, changes nothing, and says of each thing that it looks at
// whether it is right, wrong or not to be known, with the command that mends it.
//
//	findings := doctor.Run(ctx, doctor.Config{Project: "my-project", Name: "eeexport"}, nil)
package doctor
