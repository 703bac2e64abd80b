package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/doctor"
	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient/text"
)

func newDoctorCommand() *cobra.Command {
	var cfg doctor.Config
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what a deployment lacks",
		Long: `Find out what a deployment lacks: credentials and whose they are, the clock, the
APIs, the project's registration with Earth Engine, permissions, the functions
and their configuration, the watcher's schedule, topics and subscriptions. Each
line says ok, wrong or unknown, and names the command that fixes it. Nothing is
changed.

It uses Application Default Credentials, or those of the service account of
--impersonate: with the exporter's account it finds the roles that the exporter
lacks. --name is the prefix of the names of the deployment's resources, as in the
Terraform module.

EARTHENGINE_ENDPOINT names another Earth Engine, and variables such as
CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB another one of Google's APIs.

--json prints one object per line for each finding. The exit status is 1 if anything
is wrong.`,
		Example: `  eeexport doctor --project my-project
  eeexport doctor --impersonate exporter@my-project.iam.gserviceaccount.com
  eeexport doctor --json | jq -r 'select(.status == "wrong") | .fix'`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cfg.Name == "" {
				return usageError{errors.New("--name must not be empty")}
			}
			if cfg.Project = findProject(cfg.Project, ""); cfg.Project == "" {
				return errNoProject
			}
			report := func(f doctor.Finding) { printFinding(stdout(cmd), f) }
			if asJSON {
				report = func(f doctor.Finding) { _ = printJSON(stdout(cmd), f) }
			}
			return diagnosis(cmd, doctor.Run(cmd.Context(), cfg, report), asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Project, "project", "", "`project` of the deployment")
	flags.StringVar(&cfg.Name, "name", "eeexport", "`prefix` of the names of its resources")
	flags.StringVar(&cfg.Impersonate, "impersonate", "", "`service account` to check as")
	flags.BoolVar(&asJSON, "json", false, "print one object per line for each finding")
	return cmd
}

// diagnosis prints how many things are wrong, and makes the exit status.
func diagnosis(cmd *cobra.Command, findings []doctor.Finding, asJSON bool) error {
	count := map[doctor.Status]int{}
	for _, f := range findings {
		count[f.Status]++
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(stdout(cmd), "\n%d ok, %d wrong, %d unknown\n", count[doctor.OK], count[doctor.Wrong], count[doctor.Unknown])
	}
	if count[doctor.Wrong] > 0 {
		return reported(exitFailed)
	}
	return nil
}

func printFinding(w *tty.Writer, f doctor.Finding) {
	style := map[doctor.Status]tty.Style{doctor.OK: tty.Green, doctor.Wrong: tty.Red, doctor.Unknown: tty.Yellow}[f.Status]
	_ = w.Prose(9, style.Of(tty.Pad(string(f.Status), 9)), tty.Bold.Of(f.Check+": "), tty.Plain.Of(text.OneLine(f.Text)))
	if f.Fix != "" {
		// A command to paste must stay on one line.
		_ = w.Print(tty.Plain.Of("         "), tty.Cyan.Of(text.OneLine(f.Fix)), tty.Plain.Of("\n"))
	}
}
