package eetest

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a stand-in for Earth Engine.
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
