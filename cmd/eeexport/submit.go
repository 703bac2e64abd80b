package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/request"
)

// submission is one run of submit: the flags.
type submission struct {
	url, audience, tokenFile string
	direct                   bool
	project, requestID       string
	validateOnly, asJSON     bool
	timeout                  time.Duration
	watched                  bool
	watch                    watch
}

// lostAnswer is the fault of a network: the request may have had its effect.
type lostAnswer struct{ error }

// Unwrap returns the fault.
func (e lostAnswer) Unwrap() error { return e.error }

func newSubmitCommand() *cobra.Command {
	var s submission
	cmd := &cobra.Command{
		Use:   "submit FILE {--url URL | --direct}",
		Short: "Send an export request to the function or to Earth Engine",
		Long: `Send an export request, and print the name of the Operation that it starts.

FILE is the JSON body of projects.classifier.export, "-" standard input. The
expression in it is sent byte for byte.

--url sends it to ExportClassifier. One that is not on this machine is called
with an ID token: from Application Default Credentials, which must be a service
account's, or from --token-file.

--direct sends it to Earth Engine itself, after the checks of 'validate', with
Application Default Credentials. EARTHENGINE_ENDPOINT and
EARTHENGINE_EMULATOR_HOST name another Earth Engine.

The request ID is that of --request-id, or else the file's, or else a new one.
It is printed first, to standard error: the same request sent again with the
same ID gives the same Operation, and starts no second one.

--watch then follows the Operation to its end, as 'eeexport watch' does and with
its exit status; for that Earth Engine is asked as with --direct.`,
		Example: `  eeexport submit request.json --url http://localhost:8080
  eeexport submit request.json --url https://export-classifier-abc.a.run.app --watch
  eeexport submit request.json --direct --project my-project --validate-only`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.direct == (s.url != "") {
				return usageError{errors.New("say where to send it: --url or --direct")}
			}
			if s.watched && s.validateOnly {
				return usageError{errors.New("there is nothing to --watch where nothing is started: --validate-only")}
			}
			s.watch.asJSON = s.asJSON
			return s.run(cmd, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&s.url, "url", "", "the function's `URL`")
	flags.BoolVar(&s.direct, "direct", false, "send it to Earth Engine itself")
	flags.StringVar(&s.project, "project", "", "`project` to charge, instead of the file's")
	flags.StringVar(&s.requestID, "request-id", "", "request `ID`, instead of the file's or a new one")
	flags.BoolVar(&s.validateOnly, "validate-only", false, "check the request and start nothing")
	flags.BoolVar(&s.asJSON, "json", false, "print the answer as it was sent")
	flags.BoolVar(&s.watched, "watch", false, "follow the Operation to its end")
	s.watch.intervalFlag(cmd)
	flags.StringVar(&s.audience, "audience", "", "`audience` of the ID token (default the URL's origin)")
	flags.StringVar(&s.tokenFile, "token-file", "", "`file` that holds an ID token to use")
	flags.DurationVar(&s.timeout, "timeout", 2*time.Minute, "how long to wait for the answer")
	return cmd
}

func (s *submission) run(cmd *cobra.Command, file string) error {
	body, err := readInput(cmd, file)
	if err != nil {
		return err
	}
	request, err := parseEnvelope(body)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if s.project != "" {
		request = request.with(projectField, "projects/"+strings.TrimPrefix(s.project, "projects/"))
	}
	id := cmp.Or(s.requestID, request.text(requestIDField), uuid.NewString())
	request = request.with(requestIDField, id)

	ctx, cancel := context.WithTimeout(cmd.Context(), s.timeout)
	defer cancel()
	send := s.toFunction
	if s.direct {
		send = s.toEarthEngine
	}
	if !s.validateOnly {
		fmt.Fprintf(cmd.ErrOrStderr(), "request ID %s\n", id)
	}
	answer, err := send(ctx, request.bytes())
	var refusal *apiError
	var lost lostAnswer
	switch {
	case errors.As(err, &refusal):
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: ", cmd.CommandPath())
		refusal.print(cmd.ErrOrStderr())
		if refusal.transient() {
			fmt.Fprintf(cmd.ErrOrStderr(), "Send it again with --request-id %s\n", id)
		}
		return reported(exitFailed)
	case errors.As(err, &lost) && !s.validateOnly:
		return fmt.Errorf("%w\nWhether the export has started is not known. Send it again with --request-id %s,\nand it has started once", err, id)
	case err != nil:
		return err
	}
	return s.print(cmd, answer)
}

// toFunction sends the request to the function.
func (s *submission) toFunction(ctx context.Context, body []byte) ([]byte, error) {
	client, err := newFunctionClient(ctx, s.url, s.audience, s.tokenFile)
	if err != nil {
		return nil, err
	}
	return client.export(ctx, body, s.validateOnly)
}

// toEarthEngine checks the request as the function does, and sends it on.
func (s *submission) toEarthEngine(ctx context.Context, body []byte) ([]byte, error) {
	req, violations := request.Read(body, request.Options{Check: expression.Strict, Time: time.Now()})
	if list := violations.List; len(list) > 0 {
		return nil, &apiError{Status: "INVALID_ARGUMENT", Message: sentence(list[0]), Violations: list}
	}
	if s.validateOnly {
		return []byte("{}"), nil
	}
	client, project, err := newEarthEngineClient(ctx)
	if err != nil {
		return nil, err
	}
	if req.Project == "" {
		if project == "" {
			return nil, usageError{errors.New("neither the file nor GOOGLE_CLOUD_PROJECT nor the credentials name a project: give --project")}
		}
		req.Project = "projects/" + project
	}
	started, err := client.ExportClassifier(ctx, &req.ExportClassifierRequest)
	var fault *eeclient.Error
	switch {
	case errors.As(err, &fault) && fault.Code != 0:
		return nil, fromEarthEngine(fault)
	case err != nil:
		return nil, lostAnswer{err}
	}
	return started.Operation.JSON(), nil
}

// newEarthEngineClient makes a client of the Earth Engine that the environment
// names, as the function does, and tells which project is charged where a
// request names none; "" if none is known.
func newEarthEngineClient(ctx context.Context) (client *eeclient.Client, project string, err error) {
	project = strings.TrimPrefix(os.Getenv("GOOGLE_CLOUD_PROJECT"), "projects/")
	opts := []eeclient.Option{eeclient.WithUserAgent("eeexport")}
	if host := os.Getenv("EARTHENGINE_EMULATOR_HOST"); host != "" {
		client, err = eeclient.New(ctx, append(opts, eeclient.WithEmulatorHost(host))...)
		return client, project, err
	}
	if endpoint := os.Getenv("EARTHENGINE_ENDPOINT"); endpoint != "" {
		opts = append(opts, eeclient.WithEndpoint(endpoint))
	}
	creds, err := eeclient.FindCredentials(ctx)
	if err != nil {
		return nil, "", err
	}
	client, err = eeclient.New(ctx, append(opts, eeclient.WithCredentials(creds))...)
	return client, cmp.Or(project, creds.ProjectID), err
}

// print prints the answer, on standard output alone.
func (s *submission) print(cmd *cobra.Command, answer []byte) error {
	out := cmd.OutOrStdout()
	switch {
	case s.asJSON && !s.watched:
		_, err := fmt.Fprintf(out, "%s\n", answer)
		return err
	case s.validateOnly:
		_, err := fmt.Fprintln(out, "valid")
		return err
	}
	op, err := eeclient.ParseOperation(answer)
	if err != nil {
		return fmt.Errorf("the answer is no Operation: %w: %s", err, quoted(answer))
	}
	if s.asJSON { // before other lines of JSON
		err = printOperations(out, []*eeclient.Operation{op})
	} else {
		_, err = fmt.Fprintln(out, op.Name())
	}
	if err != nil || !s.watched {
		return err
	}
	return s.watch.follow(cmd, []string{op.Name()})
}
