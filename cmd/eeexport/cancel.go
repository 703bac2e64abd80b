package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
)

// canceller is one run of cancel: the flags.
type canceller struct {
	filter           operationFilter
	all, yes, asJSON bool
}

func newCancelCommand() *cobra.Command {
	var c canceller
	cmd := &cobra.Command{
		Use:   "cancel {OPERATION... | --all}",
		Short: "Ask Earth Engine to stop Operations",
		Long: `Ask Earth Engine to stop Operations, and print the state of each afterwards. A
running one may be CANCELLING for a while, and may even succeed; see 'watch'.

` + operationHelp + `
--all cancels all of the project's Operations that are PENDING or RUNNING and
match --description and --type. It lists them and asks first, unless --yes is set.

--json prints one object per line for each Operation: its name, and its state or the
error.

` + earthEngineHelp + `

The exit status is 1 if any could not be cancelled, or had ended before.`,
		Example: `  eeexport cancel ABCDEFGHIJKLMNOPQRSTUVWX
  eeexport cancel --all --description nightly
  eeexport list --state PENDING --json | jq -r .name | xargs eeexport cancel`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.all == (len(args) > 0) {
				return usageError{errors.New("say what to cancel: Operations, or --all")}
			}
			return c.run(cmd, args)
		},
	}
	c.filter.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&c.all, "all", false, "cancel all that are pending or running")
	flags.BoolVarP(&c.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&c.asJSON, "json", false, "print one object per line for each Operation")
	return cmd
}

func (c *canceller) run(cmd *cobra.Command, args []string) error {
	var client *eeclient.Client
	var names []string
	var err error
	if c.all {
		client, names, err = c.choose(cmd)
	} else {
		client, names, err = openOperations(cmd.Context(), args, c.filter.project)
	}
	if err != nil {
		return err
	}
	status := exitOK
	for _, name := range names {
		state, err := cancelOne(cmd, client, name)
		if err != nil && cmd.Context().Err() != nil {
			return err
		}
		if err != nil {
			status = exitFailed
		}
		if err := c.print(cmd, name, state, err); err != nil {
			return err
		}
	}
	if status != exitOK {
		return reported(status)
	}
	return nil
}

// choose finds what can be cancelled, and asks whether to do so.
func (c *canceller) choose(cmd *cobra.Command) (client *eeclient.Client, names []string, err error) {
	c.filter.states = []string{string(eeclient.Pending), string(eeclient.Running)}
	client, found, err := c.filter.find(cmd, 0)
	switch {
	case err != nil:
		return nil, nil, err
	case len(found) == 0 && !c.asJSON:
		fmt.Fprintf(stdout(cmd), "projects/%s has nothing to cancel\n", c.filter.project)
	case len(found) > 0 && !c.yes:
		err = c.confirm(cmd, found)
	}
	for _, op := range found {
		names = append(names, op.Name())
	}
	return client, names, err
}

// confirm lists the Operations and asks whether to cancel them. Any answer but yes
// is an error.
func (c *canceller) confirm(cmd *cobra.Command, found []*eeclient.Operation) error {
	if !readsTerminal(cmd) {
		return usageError{fmt.Errorf("%s of projects/%s would be cancelled: confirm with --yes", plural(len(found), "Operation"), c.filter.project)}
	}
	if err := printTable(stderr(cmd), found); err != nil {
		return err
	}
	fmt.Fprintf(stderr(cmd), "Cancel %s of projects/%s? [y/N] ", plural(len(found), "Operation"), c.filter.project)
	line, err := readStandardInput(cmd, func(in io.Reader) ([]byte, error) {
		line, _ := bufio.NewReader(in).ReadBytes('\n') // at the end of the input the answer is empty
		return line, nil
	})
	if err != nil {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(string(line))); answer != "y" && answer != "yes" {
		fmt.Fprintln(stderr(cmd), "nothing was cancelled")
		return reported(exitFailed)
	}
	return nil
}

// cancelOne asks an Operation to stop, and returns its state. If it had ended in
// another way before, that is an error.
func cancelOne(cmd *cobra.Command, client *eeclient.Client, name string) (eeclient.State, error) {
	if err := client.CancelOperation(cmd.Context(), name); err != nil {
		return "", asFault(err)
	}
	op, err := client.GetOperation(cmd.Context(), name)
	if err != nil {
		return "", asFault(err)
	}
	if end, ended := op.End(); ended && end != eeclient.Cancelled {
		return op.State(), fmt.Errorf("it had ended: %s", op.State())
	}
	return op.State(), nil
}

func (c *canceller) print(cmd *cobra.Command, name string, state eeclient.State, err error) error {
	switch {
	case c.asJSON:
		line := struct {
			Name  string         `json:"name"`
			State eeclient.State `json:"state,omitempty"`
			Error *apiError      `json:"error,omitempty"`
		}{Name: name, State: state}
		if err != nil && !errors.As(err, &line.Error) {
			line.Error = &apiError{Status: "FAILED_PRECONDITION", Message: err.Error()}
		}
		return printJSON(stdout(cmd), line)
	case err != nil:
		printFault(stderr(cmd), cmd.CommandPath(), fmt.Errorf("%s: %w", name, err), adviceFor(cmd, err))
		return nil
	}
	return stdout(cmd).Print(tty.Plain.Of(name+": "), styled(state, len(state)), tty.Plain.Of("\n"))
}
