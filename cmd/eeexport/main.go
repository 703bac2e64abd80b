// Command eeexport is eeexport for people: it tries the functions out on this
// machine (demo, local), checks export requests (validate), and sends them
// (submit).
//
//	eeexport demo
//	eeexport validate request.json
//	eeexport submit request.json --url https://export-classifier-abc.a.run.app
//
// It exits with 0 when all is well, with 1 when a request is refused or what was
// asked for has failed, and with 2 when it was called wrongly or cannot read a
// file.
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
