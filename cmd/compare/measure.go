package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eeexport/handler/local"
)

// bench is what both programs are measured with.
type bench struct {
	binaries [programs]string
	env      []string
	ps       *local.PubSub
}

// measure measures everything, and returns a row for each measure.
func (b *bench) measure(ctx context.Context, colds, rounds int, scale float64) ([]row, error) {
	cold := row{name: "cold start, from process start to the first answered export", unit: "ms", limit: 1.15}
	all := shapes()
	for range colds {
		err := inTurn(&cold, func(program int) (float64, error) { return b.cold(ctx, program, all[0].body()) })
		if err != nil {
			return nil, err
		}
	}
	log.Printf("%d cold starts of each", colds)
	rows := []row{cold}
	for _, s := range all {
		body := s.body()
		measures := s.rows()
		for range rounds {
			var warm [programs][]float64
			for _, program := range order(len(measures[0].pairs)) {
				var err error
				if warm[program], err = b.warm(ctx, program, s, body, int(float64(s.requests)*scale)); err != nil {
					return nil, err
				}
			}
			for i := range measures {
				measures[i].pairs = append(measures[i].pairs, pair{warm[floor][i], warm[eeexport][i]})
			}
		}
		log.Printf("%d rounds of %s (%.1f KB)", rounds, s.name, float64(len(body))/1e3)
		rows = append(rows, measures...)
	}
	return rows, nil
}

// inTurn measures both programs and adds the pair to the row.
func inTurn(r *row, measure func(program int) (float64, error)) (err error) {
	var p pair
	for _, program := range order(len(r.pairs)) {
		if p[program], err = measure(program); err != nil {
			return err
		}
	}
	r.pairs = append(r.pairs, p)
	return nil
}

// order returns the programs as they are measured in a round: neither always
// goes first.
func order(round int) [programs]int {
	if round%2 == 0 {
		return [programs]int{floor, eeexport}
	}
	return [programs]int{eeexport, floor}
}

// start starts a program, and returns when it accepts connections.
func (b *bench) start(ctx context.Context, program int) (*local.Process, error) {
	return local.Command{Args: []string{b.binaries[program]}, Target: "ExportClassifier", Env: b.env}.Start(ctx)
}

// cold returns the milliseconds from the start of the process to its first
// answer.
func (b *bench) cold(ctx context.Context, program int, body []byte) (float64, error) {
	began := time.Now()
	p, err := b.start(ctx, program)
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	err = export(newClient(1), p.URL, body)
	return milliseconds(time.Since(began)), err
}

// warm sends requests to one process, and returns the values of the shape's rows:
// the processor time of each request, the peak memory, and the median latency of
// requests sent one at a time.
func (b *bench) warm(ctx context.Context, program int, s shape, body []byte, requests int) ([]float64, error) {
	defer b.ps.Server().ClearMessages() // they would be kept for ever
	p, err := b.start(ctx, program)
	if err != nil {
		return nil, err
	}
	defer p.Kill()
	client := newClient(s.workers)
	if err := load(client, p.URL, body, s.workers, 4*s.workers); err != nil { // connections, buffers
		return nil, err
	}
	var latencies []float64
	for range s.alone {
		began := time.Now()
		if err := export(client, p.URL, body); err != nil {
			return nil, err
		}
		latencies = append(latencies, milliseconds(time.Since(began)))
	}
	before, err := cpuTime(p.PID())
	if err != nil {
		return nil, err
	}
	if err := load(client, p.URL, body, s.workers, requests); err != nil {
		return nil, err
	}
	after, err := cpuTime(p.PID())
	if err != nil {
		return nil, err
	}
	values := []float64{milliseconds(after-before) / float64(requests)}
	if s.peakLimit > 0 {
		peak, err := p.PeakMemory()
		if err != nil {
			return nil, err
		}
		values = append(values, float64(peak)/1e6)
	}
	if s.alone > 0 {
		values = append(values, median(latencies))
	}
	return values, nil
}

// load sends requests from several workers at once.
func load(client *http.Client, url string, body []byte, workers, requests int) error {
	var left atomic.Int64
	left.Store(int64(requests))
	errs := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := export(client, url, body); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs // nil if there was none
}

// export sends one request and demands a success.
func export(client *http.Client, url string, body []byte) error {
	resp, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %d: %s", resp.StatusCode, answer)
	}
	return err
}

func newClient(conns int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns}}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
