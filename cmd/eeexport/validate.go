package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/request"
)

func newValidateCommand() *cobra.Command {
	var check string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check export requests without a network",
		Long: `Check export requests as the function does, without a network: the fields, and
the graph of the expression. Each violation is printed with the path of its
field; of a valid request, what its expression holds.

FILE is the JSON body of projects.classifier.export, "-" standard input. What a
deployment allows (ALLOWED_PROJECTS, ALLOWED_ASSETS) is not asked.

The exit status is 1 if any request is invalid, and 2 if a file cannot be read.`,
		Example: `  eeexport validate request.json
  eeexport validate --check structure *.json
  build-request | eeexport validate --json - | jq .violations`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			level, err := expression.ParseLevel(check)
			if err != nil {
				return usageError{fmt.Errorf("--check: %w", err)}
			}
			report := reportText
			if asJSON {
				report = reportJSON
			}
			return validate(cmd, files, level, report)
		},
	}
	cmd.Flags().StringVar(&check, "check", "strict", "how far expressions are checked: strict, structure or off")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object a line for each file")
	return cmd
}

// validate checks every file, also after one that is invalid or cannot be read.
func validate(cmd *cobra.Command, files []string, level expression.Level, report func(io.Writer, *verdict) error) error {
	status := exitOK
	for _, file := range files {
		body, err := readInput(cmd, file)
		if err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %v\n", cmd.CommandPath(), err)
			status = exitUsage
			continue
		}
		v := newVerdict(file, body, level)
		if !v.Valid {
			status = max(status, exitFailed)
		}
		if err := report(cmd.OutOrStdout(), v); err != nil {
			return err
		}
	}
	if status != exitOK {
		return reported(status)
	}
	return nil
}

// verdict is what there is to say of one request.
type verdict struct {
	File       string                    `json:"file"`
	Valid      bool                      `json:"valid"`
	Violations []eeclient.FieldViolation `json:"violations,omitempty"`
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

func newVerdict(file string, body []byte, level expression.Level) *verdict {
	req, violations := request.Read(body, request.Options{Check: level, Time: time.Now()})
	v := &verdict{File: file, Valid: len(violations.List) == 0, Violations: violations.List}
	if !v.Valid {
		return v
	}
	v.Project, v.Asset = req.Project, req.Destination.Name
	if s, err := expression.Check(bytes.Join(req.Expression, nil), level); err == nil && level != expression.Off {
		v.Expression = &summary{s.Nodes, s.Classifier, s.Algorithms(), s.Assets()}
	}
	return v
}

func reportJSON(w io.Writer, v *verdict) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

func reportText(w io.Writer, v *verdict) error {
	var b strings.Builder
	if !v.Valid {
		fmt.Fprintf(&b, "%s: invalid, %s\n", v.File, plural(len(v.Violations), "violation"))
		for _, violation := range v.Violations {
			fmt.Fprintf(&b, "  %s\n", sentence(violation))
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s: valid\n", v.File)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-10s  %s\n", name, value)
		}
	}
	row("project", v.Project)
	row("asset", v.Asset)
	if e := v.Expression; e != nil {
		row("nodes", fmt.Sprint(e.Nodes))
		row("classifier", e.Classifier)
		row("algorithms", strings.Join(e.Algorithms, ", "))
		row("reads", strings.Join(e.Reads, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sentence is a violation on one line.
func sentence(v eeclient.FieldViolation) string {
	if v.Field == "" {
		return v.Description
	}
	return v.Field + ": " + v.Description
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
