package main

import (
	"github.com/spf13/cobra"

	"example.com/eeexport"
	"example.com/eeexport/handler/local"
)

// newServeCommand is what demo and local start as a process for each function.
func newServeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "serve",
		Short:  "Serve the function that FUNCTION_TARGET names on PORT",
		Hidden: true,
		Args:   usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			eeexport.Middleware = local.Middleware
			return local.Serve(cmd.Context(), eeexport.Shutdown)
		},
	}
}
