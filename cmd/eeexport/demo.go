package main

import (
	"context"
	"errors"
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

// demoTick is a minute by Earth Engine's clock.
const demoTick = time.Minute / demoSpeed

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
			cfg := local.Config{Project: requests.Project, Speed: demoSpeed, TickEvery: demoTick}
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
  eeexport local                   keep it running, with a page that shows it
  eeexport validate request.json   check a request of your own
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
	watching   chan error             // of the watcher
	started    <-chan *pubsub.Message // the operations topic
	completed  <-chan *pubsub.Message // the completions topic
	failures   <-chan *pubsub.Message // the failures topic
	operations []string               // what Earth Engine must have started by now
	ends       map[string]string      // the ce-id of each end that was published
}

// runDemo starts everything, runs the steps, and stops everything. If a step
// fails, other than by Ctrl-C, the functions' log goes to errOut.
func runDemo(ctx context.Context, cfg local.Config, out, errOut *tty.Writer) (err error) {
	begin := time.Now()
	d := &demo{out: out, deliveries: make(chan local.Delivery, 16), watching: make(chan error, 1), ends: map[string]string{}}
	cfg.OnDelivery = func(delivery local.Delivery) { d.deliveries <- delivery }
	cfg.OnTick = d.ticked
	s, err := local.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
		if err != nil && cfg.Log == nil && !errors.Is(ctx.Err(), context.Canceled) {
			fmt.Fprintf(errOut, "The functions' log:\n%s", s.Log())
		}
	}()
	d.Stack = s
	if err := d.listen(ctx); err != nil {
		return err
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

// listen subscribes to what the functions publish.
func (d *demo) listen(ctx context.Context) (err error) {
	if d.client, err = eeclient.New(ctx, eeclient.WithEmulatorHost(d.EarthEngine.Host())); err != nil {
		return err
	}
	if d.started, err = d.Subscribe(ctx, local.OperationsTopic); err != nil {
		return err
	}
	if d.completed, err = d.Subscribe(ctx, local.CompletionsTopic); err != nil {
		return err
	}
	d.failures, err = d.Subscribe(ctx, local.FailuresTopic)
	return err
}

// say prints lines. On a narrow terminal they are broken between words.
func (d *demo) say(format string, args ...any) {
	for _, line := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		_ = d.out.Prose(indent+2, tty.Plain.Of(line))
	}
}

// await receives one value, unless a function ends or ctx does before.
func await[T any](ctx context.Context, d *demo, what string, from <-chan T) (T, error) {
	var none T
	select {
	case v, ok := <-from:
		if !ok {
			return none, fmt.Errorf("%s has not come", what)
		}
		return v, nil
	case err := <-d.Failed():
		return none, err
	case err := <-d.watching:
		return none, err
	case <-ctx.Done():
		return none, fmt.Errorf("%s has not come: %w", what, ctx.Err())
	}
}
