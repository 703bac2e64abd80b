package eetest

import (
	"net/http"
	"sync"
	"time"
)

// Request is one request that the Server received, and the status of its answer.
type Request struct {
	Method Method // zero if the URL names none
	Verb   string // GET or POST
	Path   string // as sent, still escaped
	Query  string
	Header http.Header
	// Body is nil if it was empty, refused unread, or dropped for newer ones. Do
	// not modify it.
	Body   []byte
	Time   time.Time // real time of arrival
	Status int       // 0 while it is under way, or if its connection broke
}

// recording bounds the record of requests, so that a long run does not use up the
// memory: the oldest are dropped first. Operations are always kept, at less than a
// kilobyte each.
type recording struct {
	bytes    int // of the bodies, including those of Operations
	requests int
}

// Requests returns the recorded requests, in the order of arrival: the newest
// 100,000, of whose bodies the newest 64 MB are kept. It returns none if the Server
// is Unrecorded.
func (s *Server) Requests() []Request {
	l := s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Request, len(l.requests))
	for i, r := range l.requests {
		out[i] = *r
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
	limits recording

	mu       sync.Mutex
	counts   map[Method]int
	requests []*Request
	bodies   []*Request // whose body is kept, oldest first
	bodySize int
}

func newRequestLog(limits recording) *requestLog {
	return &requestLog{limits: limits, counts: make(map[Method]int)}
}

// arrive records a request whose body has not been read.
func (l *requestLog) arrive(r *http.Request, m Method) *Request {
	request := &Request{
		Method: m, Verb: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Header: r.Header, Time: time.Now(),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[m]++
	l.requests = append(l.requests, request)
	if over := len(l.requests) - l.limits.requests; over > 0 {
		clear(l.requests[:over])
		l.requests = l.requests[over:]
	}
	return request
}

// answered records the status of the answer.
func (l *requestLog) answered(r *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Status = status
}

// keep records a body unless it is empty or too large. It then belongs to the log.
func (l *requestLog) keep(r *Request, body []byte) {
	if len(body) == 0 || len(body) > l.limits.bytes {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Body = body
	l.bodies = append(l.bodies, r)
	l.bodySize += len(body)
	for l.bodySize > l.limits.bytes {
		oldest := l.bodies[0]
		l.bodies[0], l.bodies = nil, l.bodies[1:]
		l.bodySize -= len(oldest.Body)
		oldest.Body = nil
	}
}

// body returns the body of a request, if it is still kept.
func (l *requestLog) body(r *Request) []byte {
	if r == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.Body
}
