package local

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
)

// Serve is what the process of a [Command] runs: the Functions Framework serves
// the function that FUNCTION_TARGET names on PORT of the loopback interface,
// until SIGTERM, the end of standard input, or the end of ctx. Then shutdown
// finishes what is under way.
//
// Ctrl-C reaches every process of a terminal and is ignored: the process that
// started this one decides when it ends.
func Serve(ctx context.Context, shutdown func(context.Context) error) error {
	signal.Ignore(os.Interrupt)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	orphaned := make(chan struct{})
	go func() {
		defer close(orphaned)
		_, _ = io.Copy(io.Discard, os.Stdin) // any end is the end
	}()
	failed := make(chan error, 1)
	go func() {
		if err := funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	case <-orphaned:
	}
	return shutdown(context.WithoutCancel(ctx))
}
