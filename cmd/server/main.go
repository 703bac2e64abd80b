// Command server is the binary for containers: it serves the function that
// FUNCTION_TARGET names with the Functions Framework, on PORT, and ends cleanly
// on SIGTERM: it stops accepting requests, finishes those under way and exits
// with status 0. The platform decides how long that may take.
package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	"example.com/eeexport"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		if err := funcframework.Start(cmp.Or(os.Getenv("PORT"), "8080")); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	select {
	case err := <-failed:
		log.Fatal(err)
	case <-ctx.Done():
		stop() // a second signal ends the process at once
		if err := eeexport.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
}
