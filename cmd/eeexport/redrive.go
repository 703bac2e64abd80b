package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/redrive"
	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/message"
)

func newRedriveCommand() *cobra.Command {
	var project string
	var asJSON bool
	var cfg redrive.Config
	cmd := &cobra.Command{
		Use:   "redrive --subscription S",
		Short: "Publish failed requests to the requests topic again",
		Long: `Take failed requests from a subscription on the failures topic or on a
dead-letter topic, show why each has failed, and publish it to the requests topic
again. Each is acknowledged only after it has been published; all other messages
are given back at the end.

S and the topic are IDs in the project, or projects/*/subscriptions/* and
projects/*/topics/*.

A request keeps its data, its own attributes, its request ID and the time that
its placeholders stand for, so it does not start a second export. A dead letter
carries no request ID: if its body has no requestId either, there is a warning.
Look for its Operation with 'eeexport list' first, also if this command was killed
just after it published a dead letter.

--dry-run shows the requests and gives all of them back. If the subscription has a
dead-letter policy of its own, that counts as a delivery of each.

The run ends when the subscription has returned nothing for --settle. It leaves
messages that were published after it began: they may have failed again.

--json prints one object per line for each message; see 'eeexport help json'.

The exit status is 1 if any could not be published or is not a failed request, and
130 after Ctrl-C.`,
		Example: `  eeexport redrive --subscription failures --dry-run
  eeexport redrive --subscription dead-letters --limit 10
  eeexport redrive --subscription failures --json | jq -r .publishedAs`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case cfg.Subscription == "":
				return usageError{errors.New("give the subscription of the failed requests: --subscription")}
			case cfg.Limit < 0 || cfg.Settle < 0:
				return usageError{errors.New("--limit and --settle must not be negative")}
			}
			if err := nameIn(cmd.Context(), project, &cfg); err != nil {
				return err
			}
			return runRedrive(cmd, cfg, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Subscription, "subscription", "", "`subscription` to take failed requests from")
	flags.StringVar(&cfg.Topic, "topic", "requests", "`topic` to publish them to")
	flags.StringVar(&project, "project", "", "`project` of both")
	flags.BoolVar(&cfg.DryRun, "dry-run", false, "show them, publish nothing and acknowledge nothing")
	flags.IntVar(&cfg.Limit, "limit", 0, "the largest `number` to take; 0 for all")
	flags.DurationVar(&cfg.Settle, "settle", redrive.Settle, "how long the subscription must return nothing to be empty; 0 for one pull")
	flags.BoolVar(&asJSON, "json", false, "print one object per line for each message")
	return cmd
}

// nameIn completes the names of the subscription and the topic.
func nameIn(ctx context.Context, flag string, cfg *redrive.Config) error {
	project := findProject(flag, "")
	if project == "" && (!strings.Contains(cfg.Subscription, "/") || !strings.Contains(cfg.Topic, "/")) {
		if os.Getenv("PUBSUB_EMULATOR_HOST") != "" {
			return errNoProject
		}
		creds, err := eeclient.FindCredentials(ctx)
		if err != nil {
			return err
		}
		if project = creds.ProjectID; project == "" {
			return errNoProject
		}
	}
	cfg.Subscription = message.ResourceName(project, "subscriptions", cfg.Subscription)
	cfg.Topic = message.ResourceName(project, "topics", cfg.Topic)
	return nil
}

func runRedrive(cmd *cobra.Command, cfg redrive.Config, asJSON bool) error {
	cfg.Report = func(r *redrive.Record) { printRecord(stdout(cmd), r) }
	if asJSON {
		cfg.Report = func(r *redrive.Record) { _ = printJSON(stdout(cmd), r) }
	}
	done, err := redrive.Run(cmd.Context(), cfg)
	if !asJSON && (err == nil || done.Taken > 0) {
		printSummary(stdout(cmd), cfg, done)
	}
	switch {
	case cmd.Context().Err() != nil:
		fmt.Fprintln(stderr(cmd), "interrupted: what was not published is still on the subscription")
		return reported(exitInterrupted)
	case err != nil:
		return err
	case done.Unpublished+done.Foreign > 0:
		return reported(exitFailed)
	}
	return nil
}

// printRecord prints what the message is, why it failed, and what was done.
func printRecord(w *tty.Writer, r *redrive.Record) {
	head := fmt.Sprintf("message %s, published %s, %s", r.ID, r.Published.Format(time.RFC3339), plural(r.Bytes, "byte"))
	if r.RequestID != "" {
		head += ", request ID " + r.RequestID
	}
	_ = w.Prose(2, tty.Plain.Of(text.OneLine(head)))
	line := func(style tty.Style, s string) {
		if s != "" {
			_ = w.Prose(4, style.Of("  "+text.OneLine(s)))
		}
	}
	if f := r.Failure; f != nil {
		line(tty.Plain, describeFailure(f))
		for _, v := range f.Violations {
			line(tty.Plain, "- "+sentence(v))
		}
	}
	if d := r.DeadLetter; d != nil {
		line(tty.Plain, fmt.Sprintf("dead letter of %s after %s; no reason is recorded", d.Subscription, plural(d.Deliveries, "delivery attempt")))
	}
	if r.Warning != "" {
		line(tty.Yellow, "warning: "+r.Warning)
	}
	switch {
	case r.Foreign:
		line(tty.Yellow, "left alone: it is neither a failed request nor a dead letter of one")
	case r.Error != "":
		line(tty.Red, "not published: "+r.Error)
	case r.PublishedAs != "":
		line(tty.Green, "published as message "+r.PublishedAs)
	}
}

func describeFailure(f *redrive.Failure) string {
	s := "failed: " + f.Code
	if f.Reason != "" {
		s += ", " + f.Reason
	}
	if f.DeliveryAttempt > 0 {
		s += fmt.Sprintf(", at delivery attempt %d", f.DeliveryAttempt)
	}
	if f.Operation != "" {
		s += ", " + f.Operation
	}
	return s + ": " + f.Message
}

func printSummary(w *tty.Writer, cfg redrive.Config, done redrive.Summary) {
	if cfg.DryRun {
		fmt.Fprintf(w, "%s to publish to %s; nothing was changed\n", plural(done.Taken-done.Foreign, "request"), cfg.Topic)
	} else {
		fmt.Fprintf(w, "%s published to %s\n", plural(done.Published, "request"), cfg.Topic)
	}
	for _, left := range []struct {
		n   int
		why string
	}{
		{done.Unpublished, "could not be published"},
		{done.Foreign, "not a failed request"},
		{done.Newer, "published after this began"},
	} {
		if left.n > 0 {
			fmt.Fprintf(w, "%s left on the subscription: %s\n", plural(left.n, "message"), left.why)
		}
	}
}
