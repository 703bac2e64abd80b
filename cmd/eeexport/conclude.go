package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
)

// The exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1   // refused, or failed
	exitUsage       = 2   // wrong usage, or a file that cannot be read
	exitCancelled   = 3   // a watched Operation was cancelled
	exitInterrupted = 130 // by Ctrl-C, as a shell has it: 128 + SIGINT
)

// usageError is a mistake of the caller: wrong flags, or a file that cannot be
// read.
type usageError struct{ error }

// Unwrap returns the underlying error.
func (e usageError) Unwrap() error { return e.error }

// reported is the exit status of a failure that has been printed already.
type reported int

// Error implements error. The text is never shown.
func (r reported) Error() string { return fmt.Sprintf("exit status %d", int(r)) }

// conclude reports a command's error and returns the exit status. A command that
// Ctrl-C ends may return any error.
func conclude(ctx context.Context, cmd *cobra.Command, err error) int {
	var status reported
	var wrongUse usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		fmt.Fprintln(stderr(cmd), "interrupted")
		return exitInterrupted
	}
	result := exitFailed
	advice := adviceFor(cmd, err)
	if errors.As(err, &wrongUse) {
		result, advice = exitUsage, fmt.Sprintf("See '%s --help'.", cmd.CommandPath())
	}
	report(cmd, err, advice)
	return result
}

// report prints an error for a person to standard error, or with --json as an
// object to standard output.
func report(cmd *cobra.Command, err error, advice string) {
	if asJSON, _ := cmd.Flags().GetBool("json"); !asJSON {
		printFault(stderr(cmd), cmd.CommandPath(), err, advice)
		return
	}
	var fault struct {
		Error struct {
			*apiError
			Advice string `json:"advice,omitempty"`
		} `json:"error"`
	}
	if !errors.As(err, &fault.Error.apiError) {
		fault.Error.apiError = &apiError{Message: err.Error()}
	}
	fault.Error.Advice = advice
	_ = printJSON(stdout(cmd), fault)
}

// printFault prints an error for a person: the message, a paragraph for each
// violation, and the advice, whose indented lines are commands.
func printFault(w *tty.Writer, who string, err error, advice string) {
	var fault *apiError
	_ = w.Prose(2, tty.Plain.Of(who+": "), tty.Red.Of(err.Error()))
	if errors.As(err, &fault) {
		for _, line := range fault.details() {
			_ = w.Prose(4, tty.Plain.Of("  "+line))
		}
	}
	for line := range strings.Lines(advice) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, " ") {
			fmt.Fprintln(w, line)
		} else {
			_ = w.Prose(0, tty.Plain.Of(line))
		}
	}
}

// printJSON prints v on a line.
func printJSON(w *tty.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}
