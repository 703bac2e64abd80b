package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
)

// list is one run of the command: the flags.
type list struct {
	project, description, kind string
	states                     []string
	limit                      int
	asJSON                     bool
}

// anyType stands for Operations of every type.
const anyType = "all"

func newListCommand() *cobra.Command {
	var l list
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a project's Operations",
		Long: `List a project's Operations, newest first: the ID, the state, the age, the
description, and the asset that was written, which Earth Engine tells of those
that have succeeded. The project is --project, GOOGLE_CLOUD_PROJECT or that of
the credentials.

With --json each Operation is printed as Earth Engine has sent it, but on a line
of its own. Credentials, EARTHENGINE_ENDPOINT and EARTHENGINE_EMULATOR_HOST are
those of 'submit --direct'.`,
		Example: `  eeexport list --project my-project
  eeexport list --state PENDING,RUNNING --description 2026
  eeexport list --type all --limit 0 --json | jq -r .metadata.type | sort | uniq -c`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if l.limit < 0 {
				return usageError{errors.New("--limit must not be negative")}
			}
			for i, state := range l.states {
				l.states[i] = strings.ToUpper(strings.TrimSpace(state))
				if !slices.Contains(knownStates, eeclient.State(l.states[i])) {
					return usageError{fmt.Errorf("--state: %q is none of %s", state, joined(knownStates))}
				}
			}
			return l.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&l.project, "project", "", "`project` whose Operations are listed")
	flags.StringSliceVar(&l.states, "state", nil, "only those in one of these `states`")
	flags.StringVar(&l.description, "description", "", "only those whose description holds this `text`")
	flags.StringVar(&l.kind, "type", "EXPORT_CLASSIFIER", "only those of this `type`; all for every type")
	flags.IntVar(&l.limit, "limit", 50, "so `many` at most; 0 for all")
	flags.BoolVar(&l.asJSON, "json", false, "print each Operation as it was sent")
	return cmd
}

var knownStates = []eeclient.State{eeclient.Pending, eeclient.Running, eeclient.Cancelling, eeclient.Succeeded, eeclient.Cancelled, eeclient.Failed}

func joined(states []eeclient.State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func (l *list) run(cmd *cobra.Command) error {
	client, project, err := newEarthEngineClient(cmd.Context())
	if err != nil {
		return err
	}
	project = strings.TrimPrefix(cmp.Or(l.project, project), "projects/")
	if project == "" {
		return usageError{errors.New("neither GOOGLE_CLOUD_PROJECT nor the credentials name a project: give --project")}
	}
	var found []*eeclient.Operation
	var fault *eeclient.Error
	for op, err := range client.ListOperations(cmd.Context(), &eeclient.ListOperationsRequest{Project: "projects/" + project}) {
		if errors.As(err, &fault) {
			return fromEarthEngine(fault)
		}
		if l.wants(op) {
			found = append(found, op)
		}
		if l.limit > 0 && len(found) == l.limit {
			break
		}
	}
	if l.asJSON {
		return printOperations(cmd.OutOrStdout(), found)
	}
	return printTable(cmd.OutOrStdout(), found)
}

// wants tells whether an Operation passes all filters.
func (l *list) wants(op *eeclient.Operation) bool {
	return (strings.EqualFold(l.kind, anyType) || strings.EqualFold(l.kind, op.Type())) &&
		(len(l.states) == 0 || slices.Contains(l.states, string(op.State()))) &&
		strings.Contains(strings.ToLower(op.Description()), strings.ToLower(l.description))
}

// printOperations prints each as it was sent, but for white space.
func printOperations(w io.Writer, found []*eeclient.Operation) error {
	for _, op := range found {
		var line bytes.Buffer
		if err := json.Compact(&line, op.JSON()); err != nil {
			return err
		}
		line.WriteByte('\n')
		if _, err := line.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

func printTable(w io.Writer, found []*eeclient.Operation) error {
	now := time.Now()
	for _, op := range found {
		if op.UpdateTime().After(now) {
			now = op.UpdateTime() // a stand-in's clock may be ahead of this machine's
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "OPERATION\tSTATE\tAGE\tDESCRIPTION\tASSET")
	for _, op := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", path.Base(op.Name()), op.State(), age(now.Sub(op.CreateTime())),
			cmp.Or(oneLine(op.Description()), "-"), cmp.Or(writtenAsset(op), "-"))
	}
	return table.Flush()
}

// age is how long ago something was, in the largest unit that says enough.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%dd", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", max(0, d)/time.Second)
}

// oneLine keeps a description from breaking the table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// writtenAsset is the asset that the link to the result names.
func writtenAsset(op *eeclient.Operation) string {
	for _, uri := range op.DestinationURIs() {
		if u, err := url.Parse(uri); err == nil && u.Query().Get("asset") != "" {
			return u.Query().Get("asset")
		}
	}
	return ""
}
