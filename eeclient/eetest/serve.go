package eetest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// call is one request to a method.
type call struct {
	target
	r      *http.Request
	caller string
	body   []byte
	record *Request
	leave  func() // counts it out of the quotas, once
}

// newBody returns a reader of the body.
func (c *call) newBody() io.ReadCloser { return io.NopCloser(bytes.NewReader(c.body)) }

// serve answers one request, and records the answer's status.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == tokenPath {
		s.issuer.serveToken(w, r)
		return
	}
	t, refusal := route(r)
	t.project = s.store.projectID(t.project)
	c := &call{target: t, r: r, record: s.log.arrive(r, t.method), leave: func() {}}
	if refusal == nil {
		c.caller, refusal = s.authenticate(r)
	}
	if refusal == nil {
		if refusal = s.meter.enter(c.project); refusal == nil {
			c.leave = sync.OnceFunc(func() { s.meter.leave(c.project) })
			defer c.leave() // if there is no answer
		}
	}
	if refusal != nil {
		drain(r.Body)
		s.write(w, c, refusal.answer())
		return
	}
	if refusal := s.readBody(c); refusal != nil {
		s.write(w, c, refusal.answer())
		return
	}
	if f := s.faults.next(c); f != nil {
		s.misbehave(w, c, f)
		return
	}
	s.write(w, c, s.perform(c))
}

// perform runs the method.
func (s *Server) perform(c *call) *answer {
	if refusal := c.checkQuery(c.r); refusal != nil {
		return refusal.answer()
	}
	switch c.method {
	case ExportClassifier:
		return s.exportClassifier(c)
	case GetOperation:
		return s.getOperation(c)
	case ListOperations:
		return s.listOperations(c)
	case ListAlgorithms:
		return &answer{status: http.StatusOK, body: algorithms()}
	}
	return s.cancelOperation(c)
}

// misbehave answers a call that a fault hits.
func (s *Server) misbehave(w http.ResponseWriter, c *call, f *Fault) {
	var a *answer
	if f.started() {
		a = s.perform(c)
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-s.closing:
			panic(http.ErrAbortHandler)
		}
	}
	switch {
	case f.Reset != 0:
		c.leave()
		reset(w)
		return
	case f.replaces():
		a = f.answer()
	case a == nil:
		a = s.perform(c)
	}
	if f.RetryAfter != "" {
		a.set("Retry-After", f.RetryAfter)
	}
	for name, value := range f.Header {
		a.set(name, value)
	}
	a.truncate = f.Truncate
	s.write(w, c, a)
}

// reset breaks the connection with an RST instead of a FIN.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
