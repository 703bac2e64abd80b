package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// demoSpeed makes an Operation of five and a half minutes end in a third of a
// second.
const demoSpeed = 1000

func newDemoCommand() *cobra.Command {
	var verbose bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine and send real requests through it",
		Long: `Start everything on this machine, on free ports: a stand-in for Earth Engine, an
in-memory Pub/Sub, and all functions, each in a process of its own. Send a real
request by HTTP and another by a Pub/Sub event, follow their Operations until
WatchOperations has published their ends, and check that a bad request is refused
and a repeated one recognized.

It needs no network and no account. The exit status is 0 if every step succeeded,
and 130 after Ctrl-C. If a step fails, the functions' log is printed.`,
		Example: `  eeexport demo
  eeexport demo --verbose`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			cfg := local.Config{Project: requests.Project, Speed: demoSpeed}
			if verbose {
				cfg.Log = cmd.ErrOrStderr()
			}
			if err := runDemo(ctx, cfg, stdout(cmd), stderr(cmd)); err != nil {
				return err
			}
			_, err := fmt.Fprint(stdout(cmd), afterDemo)
			return err
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print the functions' log lines as they come")
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "give up after this time")
	return cmd
}

// afterDemo says what to do next.
const afterDemo = `
Next:
  eeexport local
      keep it running, with a page that shows it
  eeexport validate request.json
      check a request of your own
  eeexport submit request.json --url http://localhost:8080
      send it to what 'local' runs
README.md shows how a script makes request.json.
`

// demo is the state of one run.
type demo struct {
	*local.Stack
	out        *tty.Writer
	client     *eeclient.Client // of Earth Engine's stand-in
	deliveries chan local.Delivery
	messages   map[string]<-chan *pubsub.Message // by topic
	exports    []export
}

// export is an export that has succeeded.
type export struct {
	operation      string
	started, ended string // the ce-ids of its messages
}

// runDemo starts everything, runs the steps, and stops everything. If a step
// fails, other than by Ctrl-C, the functions' log goes to errOut.
func runDemo(ctx context.Context, cfg local.Config, out, errOut *tty.Writer) (err error) {
	begin := time.Now()
	d := &demo{out: out, deliveries: make(chan local.Delivery, 16), messages: map[string]<-chan *pubsub.Message{}}
	cfg.OnDelivery = func(delivery local.Delivery) { d.deliveries <- delivery }
	s, err := local.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeStack(ctx, s, cfg.Log != nil, errOut, &err)
	d.Stack = s
	if d.client, err = eeclient.New(ctx, eeclient.WithEmulatorHost(s.EarthEngine.Host())); err != nil {
		return err
	}
	for _, topic := range []string{local.OperationsTopic, local.CompletionsTopic, local.FailuresTopic} {
		if d.messages[topic], err = s.Subscribe(ctx, topic); err != nil {
			return err
		}
	}
	d.say("Earth Engine's stand-in is at http://%s, Pub/Sub at %s,", s.EarthEngine.Host(), s.PubSub.Addr())
	d.say("ExportClassifier at %s, ExportClassifierEvent at %s,", s.HTTPURL, s.EventURL)
	d.say("WatchOperations at %s.", s.WatchURL)
	for i, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"A random forest, by HTTP", d.byHTTP},
		{"An ensemble of decision trees, by a Pub/Sub event", d.byEvent},
		{"A support vector machine, which Earth Engine cannot export", d.refused},
		{"What came of it all", d.settle},
	} {
		d.say("\n%d. %s", i+1, step.title)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	d.say("\nAll as promised, in %v.", time.Since(begin).Round(10*time.Millisecond))
	return nil
}

// say prints lines. On a narrow terminal they are broken between words.
func (d *demo) say(format string, args ...any) {
	for _, line := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		_ = d.out.Prose(indent+2, tty.Plain.Of(line))
	}
}
