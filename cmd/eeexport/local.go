package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/internal/console"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/local"
)

func newLocalCommand() *cobra.Command {
	var verbose bool
	var checkLevel, consoleAddr, replay string
	cfg := local.Config{Retry: local.DefaultRetry}
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run everything on this machine until Ctrl-C, to develop against",
		Long: `Start what 'demo' starts, on fixed ports of the loopback interface, and keep it
running: a stand-in for Earth Engine, an in-memory Pub/Sub, and all functions,
each in a process of its own.

What any Pub/Sub client publishes to the topic "requests" is delivered to
ExportClassifierEvent as Eventarc delivers it: again after pauses that grow until
it is acknowledged, and in the end to the topic "dead-letters". WatchOperations is
called every --tick, and publishes how Operations have ended. Each delivery and
each message on the topics "operations", "completions", "failures" and
"dead-letters" is printed. What the last two hold can be tried again with
'eeexport redrive': they have subscriptions of the same names.

A page in the browser, the console, shows all of it as it happens, sends requests
by either trigger, injects faults and has events delivered again.

With --replay a message of a deployment runs here: as Pub/Sub pushes it, or as
'gcloud pubsub subscriptions pull --format=json' prints it. If it names another
project, so must --project.

Operations live 60 times faster than real ones, unless --speed says otherwise.
It needs no network and no account, and forgets everything when it ends.`,
		Example: `  eeexport local
  eeexport local --http-port 9000 --speed 1 --verbose
  eeexport local --replay failed-message.json
  PUBSUB_EMULATOR_HOST=127.0.0.1:8085 ./my-publisher`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cfg.Speed <= 0 || cfg.Retry.Attempts < 1 || cfg.TickEvery <= 0 {
				return usageError{errors.New("--speed, --attempts and --tick must be positive")}
			}
			level, err := expression.ParseLevel(checkLevel)
			if err != nil {
				return usageError{fmt.Errorf("--check: %w", err)}
			}
			if err := console.CheckAddr(consoleAddr); err != nil {
				return usageError{fmt.Errorf("--console: %w", err)}
			}
			cfg.Env = append(cfg.Env, "EXPRESSION_CHECK="+level.String())
			if verbose {
				cfg.Log = cmd.ErrOrStderr()
			}
			var messages []byte
			if replay != "" {
				if messages, err = readInput(cmd, replay); err != nil {
					return err
				}
			}
			return runLocal(cmd.Context(), cfg, consoleAddr, messages, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Project, "project", requests.Project, "`project` that owns the topics; requests may name it alone")
	flags.IntVar(&cfg.HTTPPort, "http-port", 8080, "`port` of ExportClassifier; 0 for any free one, as for all ports")
	flags.IntVar(&cfg.EventPort, "event-port", 8081, "`port` of ExportClassifierEvent")
	flags.IntVar(&cfg.WatchPort, "watch-port", 8082, "`port` of WatchOperations")
	flags.IntVar(&cfg.PubSubPort, "pubsub-port", 8085, "`port` of Pub/Sub")
	flags.IntVar(&cfg.EarthEnginePort, "earthengine-port", 8090, "`port` of Earth Engine's stand-in")
	flags.StringVar(&consoleAddr, "console", "127.0.0.1:8079", "`address` of the page that shows all of it, on the loopback interface")
	flags.Float64Var(&cfg.Speed, "speed", 60, "how many `times` faster than real ones Operations live")
	flags.DurationVar(&cfg.TickEvery, "tick", 5*time.Second, "how long from one call of WatchOperations to the next")
	flags.IntVar(&cfg.Retry.Attempts, "attempts", cfg.Retry.Attempts, "how often an event is delivered at most")
	flags.StringVar(&checkLevel, "check", "strict", "how far expressions are checked: strict, structure or off")
	flags.StringVar(&replay, "replay", "", "publish what a `file` holds, or - for standard input: a request, or messages of a deployment")
	flags.BoolVarP(&verbose, "verbose", "v", false, "print the functions' log lines as they come")
	return cmd
}

// runLocal runs everything until ctx or a function ends. It publishes replay, if it
// is not nil, once everything is ready.
func runLocal(ctx context.Context, cfg local.Config, consoleAddr string, replay []byte, out, errOut io.Writer) (err error) {
	page, err := console.Listen(consoleAddr)
	if err != nil {
		return err
	}
	defer page.Close()
	events := &eventPrinter{out: out}
	cfg.OnDelivery = func(d local.Delivery) {
		events.delivery(d)
		page.Delivery(d)
	}
	printed := cfg.Log != nil
	if printed {
		cfg.Log = io.MultiWriter(page, cfg.Log)
	} else {
		cfg.Log = page
	}
	cfg.OnExchange = func(e local.Exchange) {
		events.exchange(e)
		page.Exchange(e)
	}
	cfg.OnTick = events.tick
	s, err := local.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeStack(ctx, s, printed, errOut, &err)
	if err := page.Serve(ctx, s); err != nil {
		return err
	}
	fmt.Fprintf(out, "Console                %s\n", page.URL)
	printGuide(out, cfg.Project, s)
	var printing sync.WaitGroup
	defer printing.Wait()
	subscribed, unsubscribe := context.WithCancel(ctx)
	defer unsubscribe()
	for _, topic := range []string{local.OperationsTopic, local.CompletionsTopic, local.FailuresTopic, local.DeadLettersTopic} {
		messages, err := s.Subscribe(subscribed, topic)
		if err != nil {
			return err
		}
		printing.Go(func() {
			for m := range messages {
				events.message(topic, m)
			}
		})
	}
	if replay != nil {
		ids, err := console.Replay(s, replay)
		if err != nil {
			return usageError{fmt.Errorf("--replay: %w", err)}
		}
		events.line("replayed as %s", strings.Join(ids, ", "))
	}
	events.line("ready; Ctrl-C ends it")
	select {
	case err := <-s.Failed():
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeStack ends a stack. After an error other than Ctrl-C it prints the
// functions' log, unless that was printed as it came.
func closeStack(ctx context.Context, s *local.Stack, printed bool, errOut io.Writer, err *error) {
	if closeErr := s.Close(); *err == nil {
		*err = closeErr
	}
	if *err != nil && !printed && !errors.Is(ctx.Err(), context.Canceled) {
		fmt.Fprintf(errOut, "The functions' log:\n%s", s.Log())
	}
}

// printGuide says what listens where, and how to send something there.
func printGuide(out io.Writer, project string, s *local.Stack) {
	host, port, _ := net.SplitHostPort(s.PubSub.Addr())
	fmt.Fprintf(out, `ExportClassifier       %[1]s
ExportClassifierEvent  %[2]s
WatchOperations        %[12]s
Pub/Sub                %[3]s     topics %[6]s, %[7]s, %[13]s, %[8]s, %[9]s of projects/%[5]s
Earth Engine           http://%[4]s

For other programs:
  export PUBSUB_EMULATOR_HOST=%[3]s EARTHENGINE_EMULATOR_HOST=%[4]s GOOGLE_CLOUD_PROJECT=%[5]s

By HTTP:
  curl -sS -H 'Content-Type: application/json' --data-binary @request.json %[1]s/v1beta/projects/%[5]s/classifier:export
  eeexport submit request.json --url %[1]s

By event, with what speaks REST or with any client library:
  printf '{"messages":[{"data":"%%s"}]}' "$(base64 < request.json | tr -d '\n')" | curl -sS -H 'Content-Type: application/json' --data-binary @- http://%[3]s/v1/projects/%[5]s/topics/%[6]s:publish
  CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB=http://%[10]s:%[11]s/ CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true gcloud pubsub topics publish %[6]s --project %[5]s --message "$(cat request.json)"

What became of it:
  EARTHENGINE_EMULATOR_HOST=%[4]s eeexport list --project %[5]s
  curl -sS http://%[4]s/v1beta/projects/%[5]s/operations

request.json is any body of projects.classifier.export for projects/%[5]s.

`, s.HTTPURL, s.EventURL, s.PubSub.Addr(), s.EarthEngine.Host(), project,
		local.RequestsTopic, local.OperationsTopic, local.FailuresTopic, local.DeadLettersTopic, host, port,
		s.WatchURL, local.CompletionsTopic)
}
