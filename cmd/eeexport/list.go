package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
)

// operationFilter selects Operations of a project: the flags.
type operationFilter struct {
	project, description, kind string
	states                     []string
}

// anyType stands for Operations of every type.
const anyType = "all"

var knownStates = []string{"PENDING", "RUNNING", "CANCELLING", "SUCCEEDED", "CANCELLED", "FAILED"}

func newListCommand() *cobra.Command {
	var filter operationFilter
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a project's Operations",
		Long: `List a project's Operations, newest first: the ID, the state, the age, the
description, and the result: the asset that was written, or why it failed.

On a terminal the table fits its width. 'watch', 'info' and 'cancel' accept an ID
that is shortened there.

` + earthEngineHelp,
		Example: `  eeexport list --project my-project
  eeexport list --state PENDING,RUNNING --description 2026
  eeexport list --type all --limit 0 --json | jq -r .metadata.type`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return usageError{errors.New("--limit must not be negative")}
			}
			_, found, err := filter.find(cmd, limit)
			if err != nil {
				return err
			}
			if !asJSON {
				return printTable(stdout(cmd), found)
			}
			for _, op := range found {
				if err := printJSON(stdout(cmd), json.RawMessage(op.JSON())); err != nil {
					return err
				}
			}
			return nil
		},
	}
	filter.flags(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&filter.states, "state", nil, "only those in one of these `states`")
	flags.IntVar(&limit, "limit", 50, "the largest `number` to list; 0 for all")
	flags.BoolVar(&asJSON, "json", false, "print each Operation as it was sent, on a line")
	return cmd
}

// flags defines the flags that list and cancel share.
func (f *operationFilter) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.project, "project", "", "`project` of the Operations")
	flags.StringVar(&f.description, "description", "", "only those whose description holds this `text`")
	flags.StringVar(&f.kind, "type", "EXPORT_CLASSIFIER", "only those of this `type`; all for every type")
}

// find checks the filter, makes a client, and returns up to limit Operations that
// pass the filter; 0 means no limit. The project is that of the credentials if
// nothing else names one.
func (f *operationFilter) find(cmd *cobra.Command, limit int) (client *eeclient.Client, found []*eeclient.Operation, err error) {
	for i, state := range f.states {
		f.states[i] = strings.ToUpper(strings.TrimSpace(state))
		if !slices.Contains(knownStates, f.states[i]) {
			return nil, nil, usageError{fmt.Errorf("--state: %q is not one of %s", state, strings.Join(knownStates, ", "))}
		}
	}
	client, credentials, err := newEarthEngineClient(cmd.Context())
	if err != nil {
		return nil, nil, err
	}
	if f.project = findProject(f.project, credentials); f.project == "" {
		return nil, nil, errNoProject
	}
	request := &eeclient.ListOperationsRequest{Project: resource.Project(f.project)}
	for op, err := range client.ListOperations(cmd.Context(), request) {
		if err != nil {
			return nil, nil, asFault(err)
		}
		if f.wants(op) {
			found = append(found, op)
		}
		if limit > 0 && len(found) == limit {
			break
		}
	}
	return client, found, nil
}

// wants reports whether an Operation passes the filter.
func (f *operationFilter) wants(op *eeclient.Operation) bool {
	return (strings.EqualFold(f.kind, anyType) || strings.EqualFold(f.kind, op.Type())) &&
		(len(f.states) == 0 || slices.Contains(f.states, string(op.State()))) &&
		strings.Contains(strings.ToLower(op.Description()), strings.ToLower(f.description))
}

func printTable(w *tty.Writer, found []*eeclient.Operation) error {
	now := time.Now()
	for _, op := range found {
		if op.UpdateTime().After(now) {
			now = op.UpdateTime() // Earth Engine's clock may be ahead of this machine's
		}
	}
	columns := []tty.Column{
		{Title: "OPERATION", Min: 10, Last: true}, {Title: "STATE"}, {Title: "AGE"},
		{Title: "DESCRIPTION", Min: 11}, {Title: "ASSET OR ERROR", Min: 14},
	}
	var rows [][]tty.Span
	for _, op := range found {
		rows = append(rows, []tty.Span{
			tty.Plain.Of(path.Base(op.Name())), styled(op.State(), len(op.State())), tty.Plain.Of(age(op.CreateTime(), now)),
			tty.Plain.Of(op.Description()), assetOrError(op),
		})
	}
	return w.Table(columns, rows)
}

// assetOrError is the asset that was written, or why there is none.
func assetOrError(op *eeclient.Operation) tty.Span {
	if end, _ := op.End(); end == eeclient.Failed {
		_, message := op.Failure()
		return tty.Red.Of(message)
	}
	return tty.Span{Text: writtenAsset(op), CutStart: true}
}

// age formats the time since an Operation's creation in one unit, such as 3h; "-"
// if that is unknown.
func age(created, now time.Time) string {
	if created.IsZero() {
		return "-"
	}
	n, unit := inLargestUnit(now.Sub(created))
	return fmt.Sprintf("%d%c", n, unit[0])
}

// inLargestUnit returns a duration in the largest unit of which it has at least
// two.
func inLargestUnit(d time.Duration) (n int, unit string) {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return int(d / day), "day"
	case d >= 2*time.Hour:
		return int(d / time.Hour), "hour"
	case d >= 2*time.Minute:
		return int(d / time.Minute), "minute"
	}
	return int(max(0, d) / time.Second), "second"
}

// writtenAsset returns the asset that the link to the result names. Only Operations
// that succeeded have one.
func writtenAsset(op *eeclient.Operation) string {
	for _, uri := range op.DestinationURIs() {
		if u, err := url.Parse(uri); err == nil && u.Query().Get("asset") != "" {
			return u.Query().Get("asset")
		}
	}
	return ""
}
