package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/eeexport/cmd/eeexport/tty"
)

// run is main with its inputs and outputs passed in. It returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRootCommand()
	root.SetArgs(append([]string{}, args...)) // cobra takes nil for the process's own
	root.SetIn(in)
	root.SetOut(tty.NewWriter(out))
	root.SetErr(tty.NewWriter(errOut))
	fitHelp(root)
	cmd, err := root.ExecuteContextC(ctx)
	return conclude(ctx, cmd, err)
}

// fitHelp makes help texts fit the terminal, up to 80 columns.
func fitHelp(root *cobra.Command) {
	columns, _ := stdout(root).Size()
	if columns == 0 || columns > 80 {
		columns = 80
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", columns)))
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Runnable() { // topics are tables
			cmd.Long = tty.Reflow(cmd.Long, columns)
		}
	}
}

// stdout returns the Writer that run has made of standard output.
func stdout(cmd *cobra.Command) *tty.Writer { return cmd.OutOrStdout().(*tty.Writer) }

// stderr returns the Writer that run has made of standard error.
func stderr(cmd *cobra.Command) *tty.Writer { return cmd.ErrOrStderr().(*tty.Writer) }

func newRootCommand() *cobra.Command {
	color := "auto"
	root := &cobra.Command{
		Use:   "eeexport",
		Short: "Try out, check and send exports of Earth Engine classifiers",
		Long: `eeexport is a Cloud Function that forwards projects.classifier.export requests to
Earth Engine and publishes the Operations that they start.

This command runs that function on one machine, checks export requests without a
network, sends them, follows the Operations to their end, publishes failed
requests again, and finds out what a deployment lacks.`,
		Example: `  eeexport demo
  eeexport validate request.json
  eeexport submit request.json --url https://export-abc.a.run.app --watch
  eeexport redrive --subscription failures --dry-run
  eeexport doctor --project my-project`,
		// conclude prints errors and turns them into exit statuses.
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := stdout(cmd).SetColor(color); err != nil {
				return usageError{fmt.Errorf("--color: %w", err)}
			}
			return stderr(cmd).SetColor(color)
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.PersistentFlags().StringVar(&color, "color", color, "colours: auto, always or never")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{knownFlag(cmd, err)} })
	root.AddCommand(
		newDemoCommand(),
		newLocalCommand(),
		newValidateCommand(),
		newSubmitCommand(),
		newWatchCommand(),
		newListCommand(),
		newInfoCommand(),
		newCancelCommand(),
		newRedriveCommand(),
		newDoctorCommand(),
		newServeCommand(),
		newVersionCommand(),
	)
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(newHelpTopics()...)
	completeFlags(root)
	return root
}

// usage turns an error about the arguments into a usageError.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// knownCommand refuses a command that does not exist, and names similar ones.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("unknown command %q%s", args[0], didYouMean(cmd, args[0], ""))}
}

// knownFlag adds similar flags to the error about an unknown one.
func knownFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	// Cobra suggests commands: one rule of similarity serves for both.
	var flags cobra.Command
	flags.SuggestionsMinimumDistance = 2
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return fmt.Errorf("%w%s", err, didYouMean(&flags, unknown.GetSpecifiedName(), "--"))
}

// didYouMean names the subcommands whose names are like name; "" if none is.
func didYouMean(of *cobra.Command, name, prefix string) string {
	similar := of.SuggestionsFor(name)
	if len(similar) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(similar, " or "+prefix) + "?"
}
