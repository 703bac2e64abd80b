package eetest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Request is one request that the Server saw, with what it was answered.
type Request struct {
	Method Method // zero where the URL names no method of Earth Engine's
	Verb   string // GET or POST
	Path   string // as sent, still escaped
	Query  string
	Header http.Header
	// Body is nil if it was empty, refused unread, or dropped for newer ones;
	// see Recording. Do not modify it.
	Body   []byte
	Time   time.Time // real time of arrival
	Status int       // 0 while it is under way, or when its connection was broken
}

// Recording bounds what is kept of the requests seen, so that a long run does
// not eat the memory. A zero field stands for the default, a negative one for
// none at all. Operations are kept for as long as the Server is, at less than
// a kilobyte each.
type Recording struct {
	// Bytes is how much of the bodies is kept in all, those of Operations
	// included; the oldest are dropped first. Default 64 MB.
	Bytes int
	// Requests is how many requests are kept; the oldest are dropped first.
	// Default 100,000.
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

// Requests returns the requests seen, in the order of their arrival: all of
// them, unless there were more than are kept.
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

// Count returns how many calls of a method the Server has seen since it
// started, kept or not. The zero Method counts every request.
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

// record is a Request whose status comes later than it.
type record struct {
	Request
	content *content
	status  atomic.Int32
}

// content is a body that comes later than its request, and may go before it.
// The Operation that the request starts shares it.
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

// keeps tells whether a body of this size will be kept, so that one that will
// not can be read into memory that is used again.
func (l *requestLog) keeps(size int) bool { return size > 0 && size <= l.limits.Bytes }

// keep records a body, which from then on belongs to the log.
func (l *requestLog) keep(c *content, body []byte) {
	if !l.keeps(len(body)) {
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
