package eetest

import (
	"cmp"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Quotas are the limits that the Server enforces. A zero field means the published
// value, a negative one no limit.
type Quotas struct {
	// ConcurrentRequests bounds the requests of one project that are under way.
	// One more gets 429 RESOURCE_EXHAUSTED. Default 40.
	ConcurrentRequests int
	// RequestsPerSecond bounds the requests of one project within any second of
	// real time. One more gets 429 RESOURCE_EXHAUSTED. Default 100.
	RequestsPerSecond int
	// QueuedTasks bounds the Operations of one caller that have not ended, in
	// all projects. One more gets 400, as for a mistake in the request: the real
	// status is not documented. Default 3,000.
	QueuedTasks int
	// PayloadBytes bounds the body. A larger one gets 400 INVALID_ARGUMENT, as
	// from Google's frontends. Default 10 MB.
	PayloadBytes int
}

// DefaultQuotas returns the published quotas.
func DefaultQuotas() Quotas { return Quotas{}.withDefaults() }

func (q Quotas) withDefaults() Quotas {
	return Quotas{
		ConcurrentRequests: cmp.Or(q.ConcurrentRequests, 40),
		RequestsPerSecond:  cmp.Or(q.RequestsPerSecond, 100),
		QueuedTasks:        cmp.Or(q.QueuedTasks, 3000),
		PayloadBytes:       cmp.Or(q.PayloadBytes, 10<<20),
	}
}

// Usage is how much of the quotas is used: the requests of the busiest project,
// and the tasks of the busiest caller.
type Usage struct {
	ConcurrentRequests     int
	PeakConcurrentRequests int
	RequestsPerSecond      int // let through within the last second
	QueuedTasks            int
	PeakQueuedTasks        int
	Refused                int // requests answered with 429 so far
}

// Usage returns how much of the quotas is used.
func (s *Server) Usage() Usage {
	u := s.meter.usage()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.settle()
	for _, n := range s.store.queued {
		u.QueuedTasks = max(u.QueuedTasks, n)
	}
	u.PeakQueuedTasks = s.store.peak
	return u
}

// meter counts requests against the quotas.
type meter struct {
	quotas Quotas

	mu       sync.Mutex
	projects map[string]*projectMeter
	peak     int
	refused  int
}

type projectMeter struct {
	concurrent int
	recent     []time.Time // of the requests let through within the last second
}

func newMeter(q Quotas) *meter {
	return &meter{quotas: q, projects: make(map[string]*projectMeter)}
}

// enter counts a request. If it is not refused, leave must be called.
func (m *meter) enter(project string) *apiError {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.projects[project]
	if p == nil {
		p = new(projectMeter)
		m.projects[project] = p
	}
	p.forget(time.Now())
	q := m.quotas
	if q.ConcurrentRequests >= 0 && p.concurrent >= q.ConcurrentRequests {
		return m.refuse("ConcurrentRequestsPerProject", q.ConcurrentRequests)
	}
	if q.RequestsPerSecond >= 0 && len(p.recent) >= q.RequestsPerSecond {
		return m.refuse("RequestsPerSecondPerProject", q.RequestsPerSecond)
	}
	p.concurrent++
	m.peak = max(m.peak, p.concurrent)
	if q.RequestsPerSecond >= 0 {
		p.recent = append(p.recent, time.Now())
	}
	return nil
}

func (m *meter) refuse(limit string, value int) *apiError {
	m.refused++
	return &apiError{
		http:    http.StatusTooManyRequests,
		message: "Too Many Requests: Request was rejected because the request rate or concurrency limit was exceeded.",
		details: []any{newErrorInfo("RATE_LIMIT_EXCEEDED", googleDomain, map[string]string{
			"service": "earthengine.googleapis.com", "quota_limit": limit, "quota_limit_value": strconv.Itoa(value)})},
	}
}

func (m *meter) leave(project string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.projects[project].concurrent--
}

// forget drops the requests of more than a second ago.
func (p *projectMeter) forget(now time.Time) {
	old := 0
	for old < len(p.recent) && now.Sub(p.recent[old]) >= time.Second {
		old++
	}
	p.recent = p.recent[old:]
}

func (m *meter) usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := Usage{PeakConcurrentRequests: m.peak, Refused: m.refused}
	for _, p := range m.projects {
		p.forget(time.Now())
		u.ConcurrentRequests = max(u.ConcurrentRequests, p.concurrent)
		u.RequestsPerSecond = max(u.RequestsPerSecond, len(p.recent))
	}
	return u
}
