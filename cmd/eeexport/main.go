// Command eeexport runs the functions on this machine (demo, local), checks export
// requests (validate), sends them (submit), follows the Operations they start
// (watch, list, info, cancel), publishes failed requests again (redrive), and finds
// out what a deployment lacks (doctor).
//
//	eeexport demo
//	eeexport validate request.json
//	eeexport submit request.json --url https://export-abc.a.run.app --watch
//	eeexport redrive --subscription failures --dry-run
//
// The exit statuses are in 'eeexport help exit'.
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
