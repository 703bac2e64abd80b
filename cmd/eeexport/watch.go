package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"example.com/eeexport/eeclient"
	eename "example.com/eeexport/eeclient/resource"
)

// defaultInterval is how often Operations are asked for: often enough for a
// person, and seldom enough for Earth Engine's quota.
const defaultInterval = 5 * time.Second

// watch is how Operations are watched: the flags.
type watch struct {
	asJSON   bool
	interval time.Duration
}

func newWatchCommand() *cobra.Command {
	var w watch
	var project string
	cmd := &cobra.Command{
		Use:   "watch OPERATION...",
		Short: "Follow Operations to their end",
		Long: `Follow Operations to their end: the state, how much is done, the stage, the time
since the Operation was made, the compute used in EECU-seconds, and the attempts.

OPERATION is projects/*/operations/*, or an Operation's ID in --project or
GOOGLE_CLOUD_PROJECT. On a terminal each has a progress bar, elsewhere each
change is a line. With --json each change is a JSON object on a line of its own,
and the last one of each Operation holds it as Earth Engine has sent it, but for
white space, under "operation".

Ctrl-C ends the watching and not the export. Credentials, EARTHENGINE_ENDPOINT
and EARTHENGINE_EMULATOR_HOST are those of 'submit --direct'.

The exit status is 0 if all have succeeded, 1 if any has failed or cannot be
watched, 3 if none has but any was cancelled, and 130 after Ctrl-C.`,
		Example: `  eeexport watch projects/my-project/operations/ABCDEFGHIJKLMNOPQRSTUVWX
  eeexport watch --json --interval 30s $(eeexport submit request.json --direct)`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := operationNames(args, project)
			if err != nil {
				return err
			}
			return w.follow(cmd, names)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&project, "project", "", "`project` of Operations that are named by their ID")
	flags.BoolVar(&w.asJSON, "json", false, "print a JSON object a line for each change")
	w.intervalFlag(cmd)
	return cmd
}

func (w *watch) intervalFlag(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&w.interval, "interval", defaultInterval, "how often to ask Earth Engine")
}

// follow shows the Operations until all have ended or the command is
// interrupted. What came of them is its error.
func (w *watch) follow(cmd *cobra.Command, names []string) error {
	if w.interval <= 0 {
		return usageError{errors.New("--interval must be positive")}
	}
	client, _, err := newEarthEngineClient(cmd.Context())
	if err != nil {
		return err
	}
	f := follower{client: client, interval: w.interval, view: w.newView(cmd.OutOrStdout(), names)}
	last, err := f.run(cmd.Context(), names)
	f.view.end()
	if err != nil {
		sayItGoesOn(cmd.ErrOrStderr(), names, last)
		return reported(exitInterrupted)
	}
	return outcomes(last)
}

func (w *watch) newView(out io.Writer, names []string) view {
	switch {
	case w.asJSON:
		return newJSONView(out)
	case isTerminal(out):
		return newBarView(out, names)
	}
	return newLineView(out)
}

// isTerminal tells whether what is written is seen by a person, on something
// that can move its cursor.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// outcomes makes the exit status of how all Operations have ended.
func outcomes(last map[string]*standing) error {
	ended := map[eeclient.State]int{}
	for _, s := range last {
		ended[s.outcome()]++
	}
	switch {
	case ended[eeclient.Failed] > 0:
		return reported(exitFailed)
	case ended[eeclient.Cancelled] > 0:
		return reported(exitCancelled)
	}
	return nil
}

// sayItGoesOn tells what Ctrl-C has not done.
func sayItGoesOn(w io.Writer, names []string, last map[string]*standing) {
	var left []string
	for _, name := range names {
		if last[name] == nil || !last[name].done {
			left = append(left, name)
		}
	}
	what := "The export goes on"
	if len(left) > 1 {
		what = fmt.Sprintf("All %d exports go on", len(left))
	}
	fmt.Fprintf(w, "%s at Earth Engine. To watch again:\n  eeexport watch %s\n", what, strings.Join(left, " "))
}

// operationNames gives the full names of Operations, each once.
func operationNames(args []string, project string) (names []string, err error) {
	project = strings.TrimPrefix(cmp.Or(project, os.Getenv("GOOGLE_CLOUD_PROJECT")), "projects/")
	seen := map[string]bool{}
	for _, arg := range args {
		name := arg
		if !strings.Contains(arg, "/") {
			if project == "" {
				return nil, usageError{fmt.Errorf("%q is no name of the form projects/*/operations/*: give --project", arg)}
			}
			name = "projects/" + project + "/operations/" + arg
		}
		if !eename.IsOperation(name) {
			return nil, usageError{fmt.Errorf("%q is no name of the form projects/*/operations/*", arg)}
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names, nil
}
