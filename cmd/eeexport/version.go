package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is stamped in by the one documented build:
//
//	go build -ldflags "-X main.version=v1.2.3" ./cmd/eeexport
var version string

// build is what this program was built from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print what this program was built from",
		Long: `Print the version, the commit if Go has recorded it, the Go release and the
platform. A build stamps its version in:

  go build -ldflags "-X main.version=v1.2.3" ./cmd/eeexport`,
		Example: `  eeexport version
  eeexport version --json | jq -r .version`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := thisBuild()
			if asJSON {
				return printJSON(stdout(cmd), b)
			}
			_, err := fmt.Fprintln(stdout(cmd), b)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// thisBuild returns the stamped version, or that of the module if go install has
// built it.
func thisBuild() build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String returns it on a line.
func (b build) String() string {
	s := "eeexport " + b.Version
	if b.Commit != "" {
		s += ", commit " + b.Commit[:min(12, len(b.Commit))]
	}
	if b.Modified {
		s += ", modified"
	}
	return s + ", " + b.Go + ", " + b.Platform
}
