package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measurement is how one variant is measured once.
type measurement struct {
	colds, latencies, small, large int

	env     []string
	between func() // runs between two phases, to forget what was published
}

// The measures, in the order of the table.
const (
	coldStart = iota // from the start of the process to the first answered export
	latency          // median, 5 KB, one at a time
	cpuSmall         // a request, 5 KB, 16 at a time
	cpuLarge         // a request, 8.5 MB, 4 at a time
	peakSmall        // memory after the 5 KB requests
	peakLarge        // memory after the 8.5 MB ones
	measures
)

var measureNames = [measures]string{
	"cold start to the first answered export, ms",
	"median latency, 5 KB, one at a time, ms",
	"CPU a request, 5 KB, 16 at a time, ms",
	"CPU a request, 8.5 MB, 4 at a time, ms",
	"peak memory, 5 KB, MB",
	"peak memory, 8.5 MB, MB",
}

// limits are the ratios that eeexport keeps to.
var limits = [measures]float64{1.15, 1.2, 1.3, 1.5, 1.3, 1.3}

// sample is one measurement of one variant.
type sample [measures]float64

func (s sample) String() string {
	return fmt.Sprintf("cold %.1f ms, latency %.3f ms, CPU %.3f and %.2f ms, peak %.1f and %.1f MB", s[0], s[1], s[2], s[3], s[4], s[5])
}

func (m *measurement) measure(v variant) (s sample, err error) {
	if s[coldStart], err = m.cold(v); err != nil {
		return s, err
	}
	if s[latency], s[cpuSmall], s[peakSmall], err = m.warm(v, smallRequest(), 16, m.small, m.latencies); err != nil {
		return s, err
	}
	_, s[cpuLarge], s[peakLarge], err = m.warm(v, largeRequest(), 4, m.large, 0)
	return s, err
}

// cold starts the process over and over, and returns the median time to its
// first answer.
func (m *measurement) cold(v variant) (float64, error) {
	var times []float64
	for range m.colds {
		began := time.Now()
		p, err := v.start(m.env)
		if err != nil {
			return 0, err
		}
		if err = p.awaitServer(); err == nil {
			err = p.export(newClient(1), smallRequest())
		}
		times = append(times, milliseconds(time.Since(began)))
		p.stop()
		if err != nil {
			return 0, err
		}
	}
	return median(times), nil
}

// warm sends requests to one process: some one at a time, for the latency, and
// then many at once, for processor time and memory.
func (m *measurement) warm(v variant, body []byte, workers, requests, alone int) (latency, cpu, peak float64, err error) {
	defer m.between()
	p, err := v.start(m.env)
	if err != nil {
		return 0, 0, 0, err
	}
	defer p.stop()
	if err := p.awaitServer(); err != nil {
		return 0, 0, 0, err
	}
	client := newClient(workers)
	if err := p.load(client, body, workers, 4*workers); err != nil { // connections, buffers
		return 0, 0, 0, err
	}
	var times []float64
	for range alone {
		began := time.Now()
		if err := p.export(client, body); err != nil {
			return 0, 0, 0, err
		}
		times = append(times, milliseconds(time.Since(began)))
	}
	if alone > 0 {
		latency = median(times)
	}
	before, err := p.cpu()
	if err != nil {
		return 0, 0, 0, err
	}
	if err := p.load(client, body, workers, requests); err != nil {
		return 0, 0, 0, err
	}
	after, err := p.cpu()
	if err != nil {
		return 0, 0, 0, err
	}
	memory, err := p.peak()
	return latency, milliseconds(after-before) / float64(requests), float64(memory) / 1e6, err
}

// load sends requests from several workers at once.
func (p *process) load(client *http.Client, body []byte, workers, requests int) error {
	var left atomic.Int64
	left.Store(int64(requests))
	errs := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := p.export(client, body); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs // nil where there was none
}

func newClient(conns int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns, WriteBufferSize: 256 << 10}}
}

// smallRequest is a random forest trained on a filtered table: 5 KB.
var smallRequest = sync.OnceValue(func() []byte {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf(`{"functionInvocationValue":{"functionName":"String","arguments":{"input":{"constantValue":"B%d"}}}}`, i))
	}
	return request(`{"functionInvocationValue":{"functionName":"Classifier.train","arguments":{` +
		`"classifier":{"functionInvocationValue":{"functionName":"Classifier.smileRandomForest","arguments":{"numberOfTrees":{"constantValue":100}}}},` +
		`"features":{"functionInvocationValue":{"functionName":"Collection.loadTable","arguments":{"tableId":{"constantValue":"projects/my-project/assets/training"}}}},` +
		`"classProperty":{"constantValue":"landcover"},"inputProperties":{"arrayValue":{"values":[` + strings.Join(names, ",") + `]}}}}}`)
})

// largeRequest is an ensemble of 140 trees of 1,023 lines each: 8.5 MB.
var largeRequest = sync.OnceValue(func() []byte {
	var tree strings.Builder
	for i := range 1023 {
		fmt.Fprintf(&tree, `%*s%d) B%d<0.%06d %d %d %d (0.%03d 0.%03d) *\n`, i%10*2, "", i+1, i%8, i*977%1_000_000, i%900+100, i%10, i%4, i%1000, i*7%1000)
	}
	trees := strings.TrimSuffix(strings.Repeat(`"`+tree.String()+strings.Repeat(" ", 8)+`",`, 165), ",")
	return request(`{"functionInvocationValue":{"functionName":"Classifier.decisionTreeEnsemble","arguments":{"treeStrings":{"constantValue":[` + trees + `]}}}}`)
})

func request(node string) []byte {
	return []byte(`{"expression":{"result":"0","values":{"0":` + node + `}},"description":"compared",` +
		`"assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/compared","overwrite":true}}}`)
}
