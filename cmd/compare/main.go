// Command compare measures eeexport's HTTP function as a whole process against
// a floor: the same framework and clients, forwarding bytes unread (see
// cmd/compare/floor). Both run in turn on the same stand-ins, cold starts one by
// one, and what counts is the ratio of the medians with its 95 % interval. It
// prints the table of the README, and fails if a whole interval lies beyond its
// limit.
//
//	go run ./cmd/compare
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/local"
)

func main() {
	log.SetFlags(0)
	colds := flag.Int("colds", 40, "cold starts of each of the two")
	rounds := flag.Int("rounds", 10, "how often each of the two is measured warm")
	scale := flag.Float64("scale", 1, "factor for the number of requests in a warm measurement")
	flag.Parse()
	rows, err := run(*colds, *rounds, *scale)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(markdown(rows))
	if slices.ContainsFunc(rows, row.missed) {
		log.Fatal("a limit is missed: the whole interval lies beyond it")
	}
}

// The two programs that are compared.
const (
	floor = iota
	eeexport
	programs
)

var names = [programs]string{"floor", "eeexport"}

func run(colds, rounds int, scale float64) ([]row, error) {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	b := &bench{}
	for i, source := range [programs]string{"example.com/eeexport/cmd/compare/floor", "example.com/eeexport/cmd/server"} {
		b.binaries[i] = filepath.Join(dir, names[i])
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.binaries[i], source).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w: %s", source, err, out)
		}
	}
	ee := eetest.NewServer(eetest.Emulator(), eetest.WithLifecycle(eetest.Lifecycle{}),
		eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: -1, RequestsPerSecond: -1, QueuedTasks: -1}),
		eetest.Unrecorded())
	defer ee.Close()
	const project = "my-project"
	if b.ps, err = local.NewPubSub(0, project); err != nil {
		return nil, err
	}
	defer b.ps.Close()
	if err := b.ps.CreateTopic("operations"); err != nil {
		return nil, err
	}
	b.env = []string{"GOMAXPROCS=2", "GOOGLE_CLOUD_PROJECT=" + project, "OPERATIONS_TOPIC=operations",
		"EARTHENGINE_EMULATOR_HOST=" + ee.Host(), "PUBSUB_EMULATOR_HOST=" + b.ps.Addr()}
	return b.measure(context.Background(), colds, rounds, scale)
}
