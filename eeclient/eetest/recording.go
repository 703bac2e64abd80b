package eetest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Request is one request that the Server received, and the status of its answer.
type Request struct {
	Method Method // zero if the URL names none
	Verb   string // GET or POST
	Path   string // as sent, still escaped
	Query  string
	Header http.Header
	// Body is nil if it was empty, refused unread, or dropped for newer ones;
	// see Recording. Do not modify it.
	Body   []byte
	Time   time.Time // real time of arrival
	Status int       // 0 while it is under way, or if its connection broke
}

// Recording bounds the record of requests, so that a long run does not use up the
// memory. A zero field means the default, a negative one none at all. Operations
// are always kept, at less than a kilobyte each.
type Recording struct {
	// Bytes bounds the bodies, including those of Operations; the oldest are
	// dropped first. Default 64 MB.
	Bytes int
	// Requests bounds their number; the oldest are dropped first. Default
	// 100,000.
	Requests int
}

func (r Recording) withDefaults() Recording {
	if r.Bytes == 0 {
		r.Bytes = 64 << 20
	}
	if r.Requests == 0 {
		r.Requests = 100_000
	}
	return r
}

// Requests returns the recorded requests, in the order of arrival.
func (s *Server) Requests() []Request {
	l := s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Request, len(l.records))
	for i, rec := range l.records {
		out[i] = rec.Request
		out[i].Body = rec.content.bytes()
		out[i].Status = int(rec.status.Load())
	}
	return out
}

// Count returns the number of calls of a method, recorded or not. The zero Method
// counts every request.
func (s *Server) Count(m Method) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	if m != "" {
		return s.log.counts[m]
	}
	all := 0
	for _, n := range s.log.counts {
		all += n
	}
	return all
}

// requestLog keeps the requests.
type requestLog struct {
	limits Recording

	mu       sync.Mutex
	counts   map[Method]int
	records  []*record
	bodies   []*content // that are kept, oldest first
	bodySize int
}

// record is a Request whose status and body come later.
type record struct {
	Request
	content *content
	status  atomic.Int32
}

// content is the body of a recorded request, set once it is read and dropped when
// newer ones need its room. The Operation that the request starts shares it.
type content struct{ kept atomic.Pointer[[]byte] }

func (c *content) bytes() []byte {
	if b := c.kept.Load(); b != nil {
		return *b
	}
	return nil
}

func newRequestLog(limits Recording) *requestLog {
	return &requestLog{limits: limits, counts: make(map[Method]int)}
}

// arrive records a request whose body has not been read.
func (l *requestLog) arrive(r *http.Request, m Method) *record {
	rec := &record{Request: Request{
		Method: m, Verb: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Header: r.Header, Time: time.Now(),
	}, content: new(content)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[m]++
	if l.limits.Requests < 0 {
		return rec
	}
	l.records = append(l.records, rec)
	if over := len(l.records) - l.limits.Requests; over > 0 {
		clear(l.records[:over])
		l.records = l.records[over:]
	}
	return rec
}

// keep records a body unless it is empty or too large. It then belongs to the log.
func (l *requestLog) keep(c *content, body []byte) {
	if len(body) == 0 || len(body) > l.limits.Bytes {
		return
	}
	c.kept.Store(&body)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bodies = append(l.bodies, c)
	l.bodySize += len(body)
	for l.bodySize > l.limits.Bytes {
		oldest := l.bodies[0]
		l.bodies[0] = nil
		l.bodies = l.bodies[1:]
		l.bodySize -= len(oldest.bytes())
		oldest.kept.Store(nil)
	}
}
