package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1   // refused, or failed
	exitUsage       = 2   // called wrongly, or a file that cannot be read
	exitCancelled   = 3   // what was watched has been cancelled
	exitInterrupted = 130 // by Ctrl-C, as a shell has it: 128 + SIGINT
)

// usageError is the caller's mistake: wrong flags, or a file that cannot be
// read.
type usageError struct{ error }

// Unwrap returns the mistake itself.
func (e usageError) Unwrap() error { return e.error }

// reported is a failure that has been told in full already: the exit status that
// is left.
type reported int

// Error is for the interface: nobody is to see it.
func (r reported) Error() string { return fmt.Sprintf("exit status %d", int(r)) }

// run is the whole program but for the process around it. It returns the exit
// status.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRootCommand()
	root.SetArgs(append([]string{}, args...)) // cobra takes nil for "those of the process"
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	var status reported
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &usage):
		fmt.Fprintf(errOut, "%s: %v\nSee '%s --help'.\n", cmd.CommandPath(), err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(errOut, "%s: %v\n", cmd.CommandPath(), err)
	return exitFailed
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "eeexport",
		Short: "Try out, check and send exports of Earth Engine classifiers",
		Long: `eeexport goes with a Cloud Function that forwards projects.classifier.export
requests to Earth Engine and publishes the Operations that they start.

This command tries that function out on one machine, checks export requests
without a network, sends them, follows the Operations to their end, and publishes
requests that have failed again.`,
		Example: `  eeexport demo
  eeexport validate request.json
  eeexport submit request.json --url https://export-classifier-abc.a.run.app --watch
  eeexport redrive --subscription failures --dry-run`,
		// Errors are told, and made an exit status, in one place: run.
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newDemoCommand(),
		newLocalCommand(),
		newValidateCommand(),
		newSubmitCommand(),
		newWatchCommand(),
		newListCommand(),
		newCancelCommand(),
		newRedriveCommand(),
		newServeCommand(),
	)
	return root
}

// usage makes the error of a check of arguments a usageError.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
