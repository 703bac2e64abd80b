package eetest

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Server is a stand-in for Earth Engine that listens on a real socket.
type Server struct {
	URL string // http://host:port, without a trailing slash

	emulator bool
	tokens   []string
	store    *store
	meter    *meter
	faults   faults
	log      *requestLog
	issuer   *issuer
	bodies   sync.Pool // of *bytes.Buffer, for bodies that are not kept

	listener  net.Listener
	transport *http.Transport // of Client
	http      *http.Server
	closing   chan struct{}

	mu       sync.Mutex
	closed   bool
	metadata []*MetadataServer
	requests sync.WaitGroup
}

// NewServer starts a Server. The caller closes it when finished. It panics if
// it cannot listen, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	c := newConfig(opts)
	transport := new(http.Transport)
	var listener net.Listener
	if c.inMemory {
		memory := newMemoryListener()
		listener, transport.DialContext = memory, memory.dial
	} else {
		var err error
		if listener, err = net.Listen("tcp", c.addr); err != nil {
			panic("eetest: " + err.Error())
		}
	}
	s := &Server{
		URL:       "http://" + listener.Addr().String(),
		emulator:  c.emulator,
		tokens:    c.tokens,
		store:     newStore(c),
		meter:     newMeter(c.quotas, time.Now),
		log:       newRequestLog(c.recording),
		listener:  listener,
		transport: transport,
		closing:   make(chan struct{}),
	}
	s.issuer = newIssuer(s.URL + tokenPath)
	s.http = &http.Server{
		Handler: c.wrap(http.HandlerFunc(s.serve)),
		// Tests break connections on purpose.
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 30 * time.Second,
	}
	go s.http.Serve(listener)
	return s
}

// Host returns the host:port that the Server listens on: the value for
// EARTHENGINE_EMULATOR_HOST, unless it is InMemory.
func (s *Server) Host() string { return s.listener.Addr().String() }

// Close stops the Server and its metadata servers. It ends injected delays, waits
// up to five seconds for the requests under way, and closes every connection. The
// record can still be read.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	metadata := s.metadata
	s.mu.Unlock()
	for _, m := range metadata {
		m.Close()
	}
	s.listener.Close()
	close(s.closing)
	idle := make(chan struct{})
	go func() {
		s.requests.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(5 * time.Second):
	}
	s.http.Close()
	s.transport.CloseIdleConnections()
	<-idle
}

// enter counts a request in, so that Close waits for it.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.requests.Add(1)
	}
	return !s.closed
}

// call is one request to a method.
type call struct {
	target
	r      *http.Request
	caller string
	body   []byte
	record *record
	leave  func() // counts it out of the quotas; may be called again
}

// newBody returns a reader of the body.
func (c *call) newBody() io.ReadCloser { return io.NopCloser(bytes.NewReader(c.body)) }

// serve answers one request, and records the answer's status.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.requests.Done()
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
		refusal.answer().write(w, c)
		return
	}
	free, refusal := s.readBody(c)
	defer free()
	if refusal != nil {
		refusal.answer().write(w, c)
		return
	}
	if f := s.faults.next(c); f != nil {
		s.misbehave(w, c, f)
		return
	}
	s.perform(c).write(w, c)
}

// perform does what the method does.
func (s *Server) perform(c *call) *answer {
	var a *answer
	switch c.method {
	case ExportClassifier:
		a = s.exportClassifier(c)
	case GetOperation:
		a = s.getOperation(c)
	case ListOperations:
		a = s.listOperations(c)
	case CancelOperation:
		a = s.cancelOperation(c)
	}
	return a.compact(c.r)
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
	a.write(w, c)
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

// readBody reads and records the body. Unless it is recorded, its memory is reused
// after free.
func (s *Server) readBody(c *call) (free func(), refusal *apiError) {
	free = func() {}
	limit := s.meter.limits().PayloadBytes
	tooLarge := &apiError{http: http.StatusBadRequest,
		message: "Request payload size exceeds the limit: " + strconv.Itoa(limit) + " bytes."}
	size := c.r.ContentLength
	if limit >= 0 && size > int64(limit) {
		drain(c.r.Body)
		return free, tooLarge
	}
	var buf *bytes.Buffer
	if size >= 0 && s.log.keeps(int(size)) {
		// With room for one more read, ReadFrom finds the end without growing.
		buf = bytes.NewBuffer(make([]byte, 0, int(size)+bytes.MinRead))
	} else {
		buf, _ = s.bodies.Get().(*bytes.Buffer)
		if buf == nil {
			buf = new(bytes.Buffer)
		}
		buf.Reset()
		free = func() { s.bodies.Put(buf) }
	}
	var body io.Reader = c.r.Body
	if limit >= 0 {
		body = io.LimitReader(body, int64(limit)+1)
	}
	if _, err := buf.ReadFrom(body); err != nil {
		// The client hung up.
		panic(http.ErrAbortHandler)
	}
	if limit >= 0 && buf.Len() > limit {
		drain(c.r.Body)
		return free, tooLarge
	}
	c.body = buf.Bytes()
	if s.log.keeps(len(c.body)) {
		free = func() {}
		s.log.keep(c.record.content, c.body)
	}
	return free, nil
}

// drain reads the rest of a body, up to a limit: a client that is still sending
// would see a broken connection instead of the refusal.
func drain(body io.Reader) {
	io.Copy(io.Discard, io.LimitReader(body, 64<<20))
}
