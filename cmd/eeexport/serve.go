package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/signal"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/spf13/cobra"

	"example.com/eeexport"
)

// newServeCommand is what demo and local start as a process for each function.
// It serves as cmd/server does, with two differences: on the loopback interface
// alone, and only as long as its standard input is open, so that it ends with
// whoever started it.
func newServeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "serve",
		Short:  "Serve the function that FUNCTION_TARGET names on PORT",
		Hidden: true,
		Args:   usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Ctrl-C reaches every process of a terminal. When this one ends is
			// for the one that started it to say.
			signal.Ignore(os.Interrupt)
			return serve(cmd.Context(), cmp.Or(os.Getenv("PORT"), "8080"), cmd.InOrStdin())
		},
	}
}

// serve serves until ctx ends or there is no more of in.
func serve(ctx context.Context, port string, in io.Reader) error {
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = io.Copy(io.Discard, in)
	}()
	failed := make(chan error, 1)
	go func() {
		if err := funcframework.StartHostPort("127.0.0.1", port); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	case <-left:
	}
	return eeexport.Shutdown(context.WithoutCancel(ctx))
}
