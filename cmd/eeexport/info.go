package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
)

func newInfoCommand() *cobra.Command {
	var project string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info OPERATION...",
		Short: "Show details of Operations",
		Long: `Show what Earth Engine knows about Operations: state, times, stages, compute, and
the asset that was written or why it failed.

` + operationHelp + `

` + earthEngineHelp,
		Example: `  eeexport info ABCDEFGHIJKLMNOPQRSTUVWX
  eeexport info ABCDEFGHIJKLMNOPQRSTUVWX --json | jq .metadata.stages`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, names, err := openOperations(cmd.Context(), args, project)
			if err != nil {
				return err
			}
			for i, name := range names {
				op, err := client.GetOperation(cmd.Context(), name)
				if err != nil {
					return fmt.Errorf("%s: %w", name, asFault(err))
				}
				if asJSON {
					err = printJSON(stdout(cmd), json.RawMessage(op.JSON()))
				} else {
					err = printInfo(stdout(cmd), op, i > 0)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&project, "project", "", "`project` of Operations that are named by their ID")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each Operation as it was sent, on a line")
	return cmd
}

// printInfo prints a line for each thing that Earth Engine knows about it.
func printInfo(w *tty.Writer, op *eeclient.Operation, another bool) error {
	s := newSnapshot(op)
	var err error
	if another {
		_, err = fmt.Fprintln(w)
	}
	row := func(name string, value tty.Span) {
		if value.Text = text.OneLine(value.Text); value.Text != "" {
			err = errors.Join(err, w.Prose(13, tty.Bold.Of(tty.Pad(name, 13)), value))
		}
	}
	row("operation", tty.Plain.Of(op.Name()))
	row("state", styled(op.State(), len(op.State())))
	row("error", tty.Red.Of(s.Error))
	row("asset", tty.Plain.Of(writtenAsset(op)))
	row("type", tty.Plain.Of(op.Type()))
	row("description", tty.Plain.Of(op.Description()))
	row("created", tty.Plain.Of(moment(op.CreateTime())))
	row("started", tty.Plain.Of(moment(op.StartTime())))
	row("ended", tty.Plain.Of(moment(op.EndTime())))
	took := "elapsed"
	if s.done {
		took = "took"
	}
	row(took, tty.Plain.Of(s.elapsed().String()))
	row("progress", tty.Plain.Of(fmt.Sprintf("%d %%", s.percent())))
	for _, stage := range op.Stages() {
		row("stage", tty.Plain.Of(describeStage(stage)))
	}
	if s.Attempt > 1 {
		row("attempt", tty.Plain.Of(fmt.Sprint(s.Attempt)))
	}
	row("compute", tty.Plain.Of(s.eecu()))
	row("task manager", tty.Plain.Of(taskManager))
	return err
}

// moment formats a time; "" if there is none. Earth Engine gives the epoch as the
// start of an Operation that has not started.
func moment(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
