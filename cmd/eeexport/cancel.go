package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
)

func newCancelCommand() *cobra.Command {
	var project string
	cmd := &cobra.Command{
		Use:   "cancel OPERATION...",
		Short: "Ask Earth Engine to stop Operations",
		Long: `Ask Earth Engine to stop Operations, and print the state of each afterwards. One
that is running may be CANCELLING for a while, and may even succeed; see 'watch'.

OPERATION is projects/*/operations/*, or an Operation's ID in --project or
GOOGLE_CLOUD_PROJECT. Credentials, EARTHENGINE_ENDPOINT and
EARTHENGINE_EMULATOR_HOST are those of 'submit --direct'.

The exit status is 1 if any could not be cancelled, or had ended before.`,
		Example: `  eeexport cancel projects/my-project/operations/ABCDEFGHIJKLMNOPQRSTUVWX
  eeexport list --state PENDING --json | jq -r .name | xargs eeexport cancel`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := operationNames(args, project)
			if err != nil {
				return err
			}
			return cancelAll(cmd, names)
		},
	}
	cmd.Flags().StringVar(&project, "project", "", "`project` of Operations that are named by their ID")
	return cmd
}

// cancelAll asks for the end of every Operation, also after one where it could
// not.
func cancelAll(cmd *cobra.Command, names []string) error {
	client, _, err := newEarthEngineClient(cmd.Context())
	if err != nil {
		return err
	}
	status := exitOK
	for _, name := range names {
		err := client.CancelOperation(cmd.Context(), name)
		var op *eeclient.Operation
		if err == nil {
			op, err = client.GetOperation(cmd.Context(), name)
		}
		var fault *eeclient.Error
		switch {
		case errors.As(err, &fault):
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: %v\n", cmd.CommandPath(), name, fromEarthEngine(fault))
			status = exitFailed
		case err != nil:
			return err
		case hadEnded(op):
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: it had ended: %s\n", cmd.CommandPath(), name, op.State())
			status = exitFailed
		default:
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, op.State())
		}
	}
	if status != exitOK {
		return reported(status)
	}
	return nil
}

// hadEnded reports whether the Operation has ended otherwise than by the
// cancellation.
func hadEnded(op *eeclient.Operation) bool {
	state, ended := op.End()
	return ended && state != eeclient.Cancelled
}
