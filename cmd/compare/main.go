// Command compare measures eeexport's HTTP function as a whole process against
// a floor: the same framework and clients, forwarding bytes unread (see
// cmd/compare/floor). Both run in turn, several times, on the same stand-ins,
// and what counts is the ratio of the medians.
//
//	go run ./cmd/compare                      a table
//	go run ./cmd/compare -svg result.svg      and a picture of it
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"

	"example.com/eeexport/eeclient/eetest"
)

// variant is one of the two programs that are compared.
type variant struct {
	name, program string
}

func main() {
	log.SetFlags(0)
	var m measurement
	pairs := flag.Int("pairs", 5, "how often each of the two is measured")
	svg := flag.String("svg", "", "write the result as a picture to `file`")
	flag.IntVar(&m.colds, "colds", 5, "cold starts a measurement")
	flag.IntVar(&m.latencies, "latencies", 1000, "requests a measurement of latency")
	flag.IntVar(&m.small, "small", 8000, "5 KB requests a measurement of processor time")
	flag.IntVar(&m.large, "large", 120, "8.5 MB requests a measurement of processor time")
	flag.Parse()
	if err := run(&m, *pairs, *svg); err != nil {
		log.Fatal(err)
	}
}

func run(m *measurement, pairs int, svg string) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	variants := []variant{
		{"floor", filepath.Join(dir, "floor")},
		{"eeexport", filepath.Join(dir, "eeexport")},
	}
	for i, source := range []string{"example.com/eeexport/cmd/compare/floor", "example.com/eeexport/cmd/server"} {
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", variants[i].program, source).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", source, err, out)
		}
	}
	ee := eetest.NewServer(eetest.Emulator(), eetest.WithLifecycle(eetest.Lifecycle{}),
		eetest.WithQuotas(eetest.Quotas{ConcurrentRequests: -1, RequestsPerSecond: -1, QueuedTasks: -1}),
		eetest.WithRecording(eetest.Recording{Bytes: -1, Requests: -1}))
	defer ee.Close()
	ps := pstest.NewServer()
	defer ps.Close()
	const project = "my-project"
	if _, err := ps.GServer.CreateTopic(context.Background(), &pubsubpb.Topic{Name: "projects/" + project + "/topics/operations"}); err != nil {
		return err
	}
	m.env = []string{"GOOGLE_CLOUD_PROJECT=" + project, "OPERATIONS_TOPIC=operations",
		"EARTHENGINE_EMULATOR_HOST=" + ee.Host(), "PUBSUB_EMULATOR_HOST=" + ps.Addr}
	m.between = ps.ClearMessages

	results := make(map[string][]sample)
	for pair := range pairs {
		for i := range variants {
			v := variants[(i+pair)%len(variants)] // neither always goes first
			s, err := m.measure(v)
			if err != nil {
				return err
			}
			results[v.name] = append(results[v.name], s)
			log.Printf("pair %d: %-8s %v", pair+1, v.name, s)
		}
	}
	rows := compare(results["floor"], results["eeexport"])
	printTable(os.Stdout, rows)
	if svg == "" {
		return nil
	}
	return os.WriteFile(svg, picture(rows), 0o644)
}

func median[T cmp.Ordered](values []T) T {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
