package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
)

// defaultInterval is the time between two reads of an Operation: short enough for
// a person, and long enough for Earth Engine's quota.
const defaultInterval = 5 * time.Second

// watch is how Operations are watched: the flags.
type watch struct {
	asJSON   bool
	interval time.Duration
}

// operationHelp says what OPERATION is in a command's help.
const operationHelp = `OPERATION is projects/*/operations/*, or the ID of one in --project or the
default project.`

func newWatchCommand() *cobra.Command {
	var w watch
	var project string
	cmd := &cobra.Command{
		Use:     "watch OPERATION...",
		Aliases: []string{"wait"},
		Short:   "Follow Operations to their end",
		Long: `Follow Operations to their end: the state, the progress, the stage, the time since
the Operation was created, the compute used in EECU-seconds, and the attempts if
there were several.

` + operationHelp + ` On a terminal each has a progress bar; elsewhere each
change is a line. --json prints one JSON object per line for each change. The last one
of each Operation holds it as Earth Engine sent it, under "operation".

Ctrl-C stops watching; the export continues.

` + earthEngineHelp + `

The exit status is 0 if all have succeeded, 1 if any has failed or cannot be
watched, 3 if none has but any was cancelled, and 130 after Ctrl-C.`,
		Example: `  eeexport watch ABCDEFGHIJKLMNOPQRSTUVWX
  eeexport watch --json --interval 30s $(eeexport submit request.json --direct)`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return w.follow(cmd, args, project)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&project, "project", "", "`project` of Operations that are named by their ID")
	flags.BoolVar(&w.asJSON, "json", false, "print one JSON object per line for each change")
	w.intervalFlag(cmd)
	return cmd
}

func (w *watch) intervalFlag(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&w.interval, "interval", defaultInterval, "how often to ask Earth Engine")
}

// check returns a usageError if the flags make no sense.
func (w *watch) check() error {
	if w.interval <= 0 {
		return usageError{errors.New("--interval must be positive")}
	}
	return nil
}

// follow shows the Operations that the arguments name until all have ended or the
// command is interrupted. Its error is the exit status.
func (w *watch) follow(cmd *cobra.Command, args []string, project string) error {
	if err := w.check(); err != nil {
		return err
	}
	client, names, err := openOperations(cmd.Context(), args, project)
	if err != nil {
		return err
	}
	f := follower{client: client, interval: w.interval, view: w.newView(stdout(cmd), names)}
	last, err := f.run(cmd.Context(), names)
	f.view.end()
	if err != nil {
		printStillRunning(stderr(cmd), names, last)
		return reported(exitInterrupted)
	}
	return outcomes(last)
}

func (w *watch) newView(out *tty.Writer, names []string) view {
	switch {
	case w.asJSON:
		return newChangeView(func(s *snapshot) { _ = printJSON(out, s) }) // an error means that nobody reads
	case out.IsTerminal():
		return newScreenView(out, names)
	}
	return newChangeView(func(s *snapshot) { printChange(out, s) })
}

// outcomes returns the exit status for how the Operations ended.
func outcomes(last map[string]*snapshot) error {
	ended := map[eeclient.State]int{}
	for _, s := range last {
		ended[s.ended]++
	}
	switch {
	case ended[eeclient.Failed]+ended[""] > 0: // "" is one that cannot be watched
		return reported(exitFailed)
	case ended[eeclient.Cancelled] > 0:
		return reported(exitCancelled)
	}
	return nil
}

// printStillRunning says which exports continue after Ctrl-C.
func printStillRunning(w io.Writer, names []string, last map[string]*snapshot) {
	var left []string
	for _, name := range names {
		if last[name] == nil || !last[name].done {
			left = append(left, shortName(name))
		}
	}
	what := "The export continues"
	if len(left) > 1 {
		what = fmt.Sprintf("All %d exports continue", len(left))
	}
	fmt.Fprintf(w, "%s at Earth Engine. To watch again:\n  eeexport watch %s\n", what, strings.Join(left, " "))
}
