package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
)

func newValidateCommand() *cobra.Command {
	var check string
	var arguments []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check export requests without a network",
		Long: `Check export requests as the function does, without a network: the fields, and
the graph of the expression. Print each violation with the path of its field, or
a summary of a valid request.

FILE is the JSON body of projects.classifier.export, or "-" for standard input.
What a deployment allows (ALLOWED_PROJECTS, ALLOWED_ASSETS, ALLOWED_READS) is not
checked. --argument fills in a place that the expression leaves open; VALUE is
JSON, or else a string.

A warning says that a valid request will not work on a schedule.

The exit status is 1 if any request is invalid, and 2 if a file cannot be read.`,
		Example: `  eeexport validate request.json
  eeexport validate request.json --argument end=2026-11-23
  build-request | eeexport validate --json - | jq .violations`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			level, err := expression.ParseLevel(check)
			if err != nil {
				return usageError{fmt.Errorf("--check: %w", err)}
			}
			return validate(cmd, files, arguments, level, asJSON)
		},
	}
	cmd.Flags().StringVar(&check, "check", "strict", "how thoroughly to check expressions: strict, structure or off")
	argumentFlag(cmd, &arguments)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line for each file")
	return cmd
}

// validate checks every file, and continues after errors.
func validate(cmd *cobra.Command, files, arguments []string, level expression.Level, asJSON bool) error {
	status := exitOK
	for _, file := range files {
		body, err := readInput(cmd, file)
		if cmd.Context().Err() != nil {
			return err
		}
		if err != nil {
			report(cmd, err, "")
			status = exitUsage
			continue
		}
		v, err := newVerdict(file, body, arguments, level)
		if err != nil {
			return err
		}
		if !v.Valid {
			status = max(status, exitFailed)
		}
		if asJSON {
			err = printJSON(stdout(cmd), v)
		} else {
			err = reportText(stdout(cmd), v)
		}
		if err != nil {
			return err
		}
	}
	if status != exitOK {
		return reported(status)
	}
	return nil
}

// verdict is the result of checking one request.
type verdict struct {
	File       string                    `json:"file"`
	Valid      bool                      `json:"valid"`
	Violations []eeclient.FieldViolation `json:"violations,omitempty"`
	Warnings   []eeclient.FieldViolation `json:"warnings,omitempty"`
	Project    string                    `json:"project,omitempty"`
	Asset      string                    `json:"asset,omitempty"`
	Expression *summary                  `json:"expression,omitempty"`
}

// summary is what a valid expression holds.
type summary struct {
	Nodes      int      `json:"nodes"`
	Classifier string   `json:"classifier,omitempty"`
	Algorithms []string `json:"algorithms,omitempty"`
	Reads      []string `json:"reads,omitempty"`
}

// newVerdict checks a request. Its error is a usageError about the arguments.
func newVerdict(file string, body []byte, arguments []string, level expression.Level) (*verdict, error) {
	v := &verdict{File: file}
	request, err := readEnvelope(body)
	if err == nil && len(arguments) > 0 {
		if request, err = request.withArguments(arguments); err != nil {
			return nil, err
		}
		body = request.bytes()
	}
	checked, violations := checkRequest(body, level)
	if len(violations) > 0 {
		v.Violations = violations
		return v, nil
	}
	v.Valid = true
	v.Project, v.Asset = checked.Project, checked.Destination.Name
	if id := request.text(requestIDField); id != "" && !strings.Contains(id, "{") {
		v.Warnings = []eeclient.FieldViolation{{Field: "requestId",
			Description: "is the same for every run: on a schedule only the first run would start an export; leave it out, or write {date} in it"}}
	}
	if level != expression.Off {
		algorithms, reads := expression.Uses(bytes.Join(checked.Expression, nil))
		v.Expression = &summary{checked.Nodes, checked.Classifier, algorithms, reads}
	}
	return v, nil
}

func reportText(w *tty.Writer, v *verdict) error {
	if !v.Valid {
		err := w.Prose(2, tty.Plain.Of(v.File+": "), tty.Red.Of("invalid"), tty.Plain.Of(", "+plural(len(v.Violations), "violation")))
		for _, violation := range v.Violations {
			err = errors.Join(err, w.Prose(4, tty.Plain.Of("  "+sentence(violation))))
		}
		return err
	}
	err := w.Prose(2, tty.Plain.Of(v.File+": "), tty.Green.Of("valid"))
	row := func(style tty.Style, name, value string) {
		if value != "" {
			err = errors.Join(err, w.Prose(14, style.Of("  "+tty.Pad(name, 12)), tty.Plain.Of(value)))
		}
	}
	row(tty.Plain, "project", v.Project)
	row(tty.Plain, "asset", v.Asset)
	if e := v.Expression; e != nil {
		row(tty.Plain, "nodes", fmt.Sprint(e.Nodes))
		row(tty.Plain, "classifier", e.Classifier)
		row(tty.Plain, "algorithms", strings.Join(e.Algorithms, ", "))
		row(tty.Plain, "reads", strings.Join(e.Reads, ", "))
	}
	for _, warning := range v.Warnings {
		row(tty.Yellow, "warning", sentence(warning))
	}
	return err
}
