package eetest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
)

// Whatever is lost on the way, as many Operations start as there are request
// IDs, if each request is repeated until it is answered.
func TestStorm(t *testing.T) {
	const workers, each = 16, 50
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	kinds := []Fault{
		{Status: 503}, {Status: 429, RetryAfter: "1"}, {Reset: BeforeStart}, {Reset: AfterStart},
		{Truncate: true}, {Started: true, Status: 502, Body: "<html>"}, {Started: true, Status: 500},
	}
	s := newTestServer(t, WithQuotas(Quotas{RequestsPerSecond: -1}), WithRecording(Recording{Requests: 100}))
	s.InjectFunc(func(*http.Request) *Fault {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(3) > 0 {
			return nil
		}
		f := kinds[random.IntN(len(kinds))]
		return &f
	})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				body := toAsset(fmt.Sprintf("a-%d-%d", w, i), fmt.Sprintf(`{"requestId":"event-%d-%d"}`, w, i))
				for {
					res, err := try("POST", s.URL+exportPath, body)
					if err == nil && res.status == http.StatusOK {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	seen := make(map[string]bool)
	for _, op := range s.Operations() {
		seen[op.RequestID] = true
	}
	if n := len(s.Operations()); n != workers*each || len(seen) != n {
		t.Errorf("%d Operations for %d request IDs, want %d", n, len(seen), workers*each)
	}
	if n := len(s.Requests()); n != 100 {
		t.Errorf("%d requests are kept, want 100", n)
	}
	if calls := s.Count(ExportClassifier); calls <= workers*each {
		t.Errorf("%d calls: no fault has hit", calls)
	}
	if u := s.Usage(); u.ConcurrentRequests != 0 || u.QueuedTasks != workers*each {
		t.Errorf("%+v", u)
	}
}
