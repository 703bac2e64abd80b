package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"example.com/eeexport/handler/watch"
)

// Tick is one call of WatchOperations.
type Tick struct {
	// Status is what the function answered; 0 if it did not, with Err.
	Status int
	Err    error
	// Body is the function's answer: its summary, or Google's error body.
	Body []byte
}

// OK reports whether the tick has succeeded.
func (t *Tick) OK() bool { return t.Err == nil && t.Status == http.StatusOK }

// Summary reads the answer.
func (t *Tick) Summary() (s watch.Summary, err error) {
	if t.Err != nil {
		return s, t.Err
	}
	if !t.OK() {
		return s, fmt.Errorf("answered %d: %s", t.Status, t.Body)
	}
	return s, json.Unmarshal(t.Body, &s)
}

// Tick calls WatchOperations as a Cloud Scheduler job does
// (https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#httptarget).
func (s *Stack) Tick(ctx context.Context) Tick {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.WatchURL, http.NoBody)
	if err != nil {
		return Tick{Err: err}
	}
	req.Header.Set("User-Agent", "Google-Cloud-Scheduler")
	req.Header.Set("X-CloudScheduler", "true")
	req.Header.Set("X-CloudScheduler-JobName", "watch-operations")
	req.Header.Set("X-CloudScheduler-ScheduleTime", time.Now().UTC().Format(time.RFC3339))
	var t Tick
	t.Status, t.Body, t.Err = answerOf(s.http.Do(req))
	return t
}

// startScheduler begins to tick, if the Config says so. A tick that takes
// longer than the time to the next one delays it: Cloud Scheduler runs a job
// once at a time.
func (s *Stack) startScheduler() {
	if s.cfg.TickEvery <= 0 {
		return
	}
	s.background.Go(func() {
		ticker := time.NewTicker(s.cfg.TickEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-s.life.Done():
				return
			}
			if t := s.Tick(s.life); s.life.Err() == nil {
				s.cfg.OnTick(t)
			}
		}
	})
}
