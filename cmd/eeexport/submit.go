package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/eeclient/resource"
)

// submission is one run of submit: the flags.
type submission struct {
	url, audience, tokenFile string
	direct                   bool
	project, requestID       string
	arguments                []string
	validateOnly, asJSON     bool
	timeout                  time.Duration
	watched                  bool
	watch                    watch
}

// lostAnswer is an error after which the request may have had its effect.
type lostAnswer struct{ error }

// Unwrap returns the error.
func (e lostAnswer) Unwrap() error { return e.error }

// answer is the answer to a request.
type answer struct {
	body     []byte // an Operation, or {} of a validation
	replayed bool   // an earlier request with the same ID started the Operation
}

func newSubmitCommand() *cobra.Command {
	var s submission
	cmd := &cobra.Command{
		Use:   "submit FILE {--url URL | --direct}",
		Short: "Send an export request to the function or to Earth Engine",
		Long: `Send an export request, and print the name of the Operation that it starts.

FILE is the JSON body of projects.classifier.export, or "-" for standard input.
The expression in it is sent byte for byte. --argument fills in a place that the
expression leaves open; VALUE is JSON, or else a string.

--url sends it to ExportClassifier; its default is EEEXPORT_URL. A function on
another machine is called with an ID token: from Application Default Credentials,
which must be a service account's, or from --token-file.

--direct sends it to Earth Engine itself, after the checks of 'validate'.
` + earthEngineHelp + `

The request ID is that of --request-id, or the file's, or a new one, which ends in
{date} if the request has placeholders. It is printed to standard error before
anything is sent. The same request sent again with the same ID returns the same
Operation and starts no second one; then a line says that the ID was used before.

--watch then follows the Operation to its end and exits as 'eeexport watch' does.
It asks Earth Engine, as --direct does.`,
		Example: `  eeexport submit request.json --url http://localhost:8080
  eeexport submit request.json --argument end=2026-11-23 --watch
  eeexport submit request.json --direct --project my-project --validate-only`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.direct && s.url != "" {
				return usageError{errors.New("give one place to send it: --url or --direct")}
			}
			if s.url = cmp.Or(s.url, os.Getenv("EEEXPORT_URL")); s.url == "" && !s.direct {
				return usageError{errors.New("give the place to send it: --url, EEEXPORT_URL or --direct")}
			}
			if s.watched && s.validateOnly {
				return usageError{errors.New("--watch needs an Operation, and --validate-only starts none")}
			}
			if err := s.watch.check(); err != nil {
				return err
			}
			s.watch.asJSON = s.asJSON
			return s.run(cmd, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&s.url, "url", "", "the function's `URL` (default EEEXPORT_URL)")
	flags.BoolVar(&s.direct, "direct", false, "send it to Earth Engine itself")
	flags.StringVar(&s.project, "project", "", "`project` to charge, instead of the file's")
	flags.StringVar(&s.requestID, "request-id", "", "request `ID`, instead of the file's or a new one")
	argumentFlag(cmd, &s.arguments)
	flags.BoolVar(&s.validateOnly, "validate-only", false, "check the request and start nothing")
	flags.BoolVar(&s.asJSON, "json", false, "print the answer as it was sent, on a line")
	flags.BoolVar(&s.watched, "watch", false, "follow the Operation to its end")
	s.watch.intervalFlag(cmd)
	flags.StringVar(&s.audience, "audience", "", "`audience` of the ID token (default the URL's origin)")
	flags.StringVar(&s.tokenFile, "token-file", "", "`file` that holds an ID token to use")
	flags.DurationVar(&s.timeout, "timeout", 2*time.Minute, "how long to wait for the answer")
	return cmd
}

// argumentFlag defines --argument, which submit and validate share.
func argumentFlag(cmd *cobra.Command, arguments *[]string) {
	cmd.Flags().StringArrayVar(arguments, "argument", nil, "fill in an open place of the expression: `NAME=VALUE`; repeatable")
}

func (s *submission) run(cmd *cobra.Command, file string) error {
	body, err := readInput(cmd, file)
	if err != nil {
		return err
	}
	request, err := readEnvelope(body)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if request, err = request.withArguments(s.arguments); err != nil {
		return err
	}
	if s.project != "" {
		request = request.with(projectField, resource.Project(s.project))
	}
	id := cmp.Or(s.requestID, request.text(requestIDField), newRequestID(request))
	request = request.with(requestIDField, id)

	ctx, cancel := context.WithTimeout(cmd.Context(), s.timeout)
	defer cancel()
	send := s.toEarthEngine
	if !s.direct {
		client, err := newFunctionClient(ctx, s.url, s.audience, s.tokenFile)
		if err != nil {
			return err
		}
		send = client.export
	}
	if !s.validateOnly {
		fmt.Fprintf(stderr(cmd), "request ID %s\n", id)
	}
	answer, err := send(ctx, request.bytes(), s.validateOnly)
	if err != nil {
		return s.failed(err, id)
	}
	return s.print(cmd, answer)
}

// placeholder matches what the function replaces by a time.
var placeholder = regexp.MustCompile(`\{(date|time|isodate|isotime)\}`)

// newRequestID returns an ID for a request that has none. If other fields have
// placeholders, the function requires one in the ID too.
func newRequestID(request envelope) string {
	id := uuid.NewString()
	for _, m := range request {
		if m.name != "expression" && placeholder.Match(m.value) {
			return id + "-{date}"
		}
	}
	return id
}

// failed adds advice to an error: whether it is safe to send the request again.
func (s *submission) failed(err error, id string) error {
	again := "Send it again with --request-id " + id
	var refusal *apiError
	var lost lostAnswer
	switch {
	case s.validateOnly:
		return err
	case errors.As(err, &refusal) && refusal.transient():
		return advised{err, again + "."}
	case errors.As(err, &lost):
		return advised{err, "The export may have started. " + again + ",\nand it starts only once."}
	}
	return err
}

// toEarthEngine checks a request and sends it to Earth Engine itself.
func (s *submission) toEarthEngine(ctx context.Context, body []byte, validateOnly bool) (*answer, error) {
	req, violations := checkRequest(body, expression.Strict)
	if len(violations) > 0 {
		return nil, invalid(violations)
	}
	if validateOnly {
		return &answer{body: []byte("{}")}, nil
	}
	client, own, err := newEarthEngineClient(ctx)
	if err != nil {
		return nil, err
	}
	if req.Project == "" {
		project := findProject("", own)
		if project == "" {
			return nil, errNoProject
		}
		req.Project = resource.Project(project)
	}
	req.Arrival = time.Now()
	export, err := client.ExportClassifier(ctx, &req.ExportClassifierRequest)
	var fault *eeclient.Error
	switch {
	case errors.As(err, &fault) && fault.Code != 0:
		return nil, fromEarthEngine(fault)
	case errors.As(err, &fault) && fault.MayHaveStarted:
		return nil, lostAnswer{err}
	case err != nil:
		return nil, err
	}
	return &answer{body: export.Operation.JSON(), replayed: export.Replayed}, nil
}

// print prints the answer, and nothing else to standard output.
func (s *submission) print(cmd *cobra.Command, a *answer) error {
	if s.validateOnly {
		text := "valid"
		if s.asJSON {
			text = strings.TrimSpace(string(a.body))
		}
		_, err := fmt.Fprintln(stdout(cmd), text)
		return err
	}
	op, err := eeclient.ParseOperation(a.body)
	if err != nil {
		return fmt.Errorf("the answer is not an Operation: %w: %s", err, quoted(a.body))
	}
	if a.replayed {
		when := ""
		if created := op.CreateTime(); !created.IsZero() {
			when = ": " + plural(inLargestUnit(time.Since(created))) + " ago"
		}
		fmt.Fprintf(stderr(cmd), "this request ID was used before%s\n", when)
	}
	if s.asJSON {
		err = printJSON(stdout(cmd), json.RawMessage(op.JSON()))
	} else {
		_, err = fmt.Fprintln(stdout(cmd), op.Name())
	}
	if err != nil || !s.watched {
		return err
	}
	return s.watch.follow(cmd, []string{op.Name()}, "")
}
