package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
)

// redrive is one run of the command: the flags.
type redrive struct {
	project, subscription, topic string
	dryRun                       bool
	limit                        int
}

func newRedriveCommand() *cobra.Command {
	var r redrive
	cmd := &cobra.Command{
		Use:   "redrive --subscription S",
		Short: "Publish failed requests to the requests topic again",
		Long: `Take failed requests from a subscription on the failures topic or on a
dead-letter topic, show why each has failed, and publish it to the requests topic
again: its data unchanged, with its attributes but for those that told of the
failure. Each is acknowledged only when it has been published; what is not, and
what is no failed request, is given back at the end.

S and the topic are IDs in the project, or projects/*/subscriptions/* and
projects/*/topics/*. The project is --project, GOOGLE_CLOUD_PROJECT or that of
Application Default Credentials; PUBSUB_EMULATOR_HOST names another Pub/Sub.

--dry-run shows the requests and gives all of them back. Where the subscription
has a dead-letter policy of its own, that counts as a delivery of each.

The run ends when there is nothing left that was published before it began: a
request that fails again comes to the subscription again, and is for another run.

A request is exported once for each request ID, and one whose body has no
requestId gets a new ID with its new message. What is on the failures topic has
not started an export, with one exception: the reason DUPLICATE_REQUEST. What is
on a dead-letter topic may have: an Operation that was started and could not be
published. Sending that again starts a second one, unless the body has a
requestId. Look for it with 'eeexport list' first. The same holds for a request
that was published just before this command was killed: it comes again.

The exit status is 1 if any could not be published or is no failed request, and
130 after Ctrl-C.`,
		Example: `  eeexport redrive --subscription failures --dry-run
  eeexport redrive --subscription dead-letters --limit 10
  eeexport redrive --subscription projects/p/subscriptions/failures --topic projects/p/topics/requests`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case r.subscription == "":
				return usageError{errors.New("say where the failed requests are: --subscription")}
			case r.limit < 0:
				return usageError{errors.New("--limit must not be negative")}
			}
			return r.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&r.subscription, "subscription", "", "`subscription` to take failed requests from")
	flags.StringVar(&r.topic, "topic", "requests", "`topic` to publish them to")
	flags.StringVar(&r.project, "project", "", "`project` of both")
	flags.BoolVar(&r.dryRun, "dry-run", false, "show them, publish nothing and acknowledge nothing")
	flags.IntVar(&r.limit, "limit", 0, "take so `many` at most; 0 for all")
	return cmd
}

func (r *redrive) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	project, err := r.findProject(ctx)
	if err != nil {
		return err
	}
	queue, err := openQueue(ctx, resource(project, "subscriptions", r.subscription), defaultLease)
	if err != nil {
		return err
	}
	defer queue.close()
	publisher, err := openTopic(ctx, resource(project, "topics", r.topic))
	if err != nil {
		return err
	}
	defer publisher.close()
	driver := &redriver{
		queue: queue, topic: publisher, out: cmd.OutOrStdout(),
		dryRun: r.dryRun, limit: r.limit,
		begin: time.Now(), seen: map[string]fate{},
	}
	return driver.run(ctx)
}

// findProject returns the project of names that are IDs; "" where none is.
func (r *redrive) findProject(ctx context.Context) (string, error) {
	project := strings.TrimPrefix(cmp.Or(r.project, os.Getenv("GOOGLE_CLOUD_PROJECT")), "projects/")
	if project != "" || strings.Contains(r.subscription, "/") && strings.Contains(r.topic, "/") {
		return project, nil
	}
	var creds *eeclient.Credentials
	if os.Getenv("PUBSUB_EMULATOR_HOST") == "" {
		var err error
		if creds, err = eeclient.FindCredentials(ctx); err != nil {
			return "", err
		}
	}
	if creds == nil || creds.ProjectID == "" {
		return "", usageError{errors.New("neither GOOGLE_CLOUD_PROJECT nor the credentials name a project: give --project")}
	}
	return creds.ProjectID, nil
}

// resource gives the full name of what is named by its ID or already in full.
func resource(project, collection, name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return fmt.Sprintf("projects/%s/%s/%s", project, collection, name)
}
