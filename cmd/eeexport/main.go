// Command eeexport is eeexport for people: it tries the functions out on this
// machine (demo, local), checks export requests (validate), sends them (submit),
// follows what they have started (watch, list, cancel), and gives those that have
// failed another chance (redrive).
//
//	eeexport demo
//	eeexport validate request.json
//	eeexport submit request.json --url https://export-classifier-abc.a.run.app --watch
//	eeexport redrive --subscription failures --dry-run
//
// It exits with 0 when all is well, with 1 when a request is refused or what was
// asked for has failed, with 2 when it was called wrongly or cannot read a file,
// with 3 when what was watched has been cancelled, and with 130 when Ctrl-C has
// ended what was not done.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
