package eetest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/test/bufconn"
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
	issuer   issuer

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
	host := "earthengine.test:80" // of no meaning
	if c.inMemory {
		memory := bufconn.Listen(1 << 20)
		listener = memory
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return memory.DialContext(ctx) }
	} else {
		var err error
		if listener, err = net.Listen("tcp", c.addr); err != nil {
			panic("eetest: " + err.Error())
		}
		host = listener.Addr().String()
	}
	s := &Server{
		URL:       "http://" + host,
		emulator:  c.emulator,
		tokens:    c.tokens,
		store:     newStore(c),
		meter:     newMeter(c.quotas),
		log:       newRequestLog(c.recording),
		issuer:    issuer{grants: make(map[string]grant)},
		listener:  listener,
		transport: transport,
		closing:   make(chan struct{}),
	}
	s.http = &http.Server{
		Handler: c.wrap(http.HandlerFunc(s.serve)),
		// Tests break connections on purpose.
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 30 * time.Second,
	}
	go s.http.Serve(listener)
	return s
}

// Client returns an HTTP client for the Server. It follows no redirects. A Server
// that is InMemory can be reached by it alone.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     s.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Host returns the host:port that the Server listens on: the value for
// EARTHENGINE_EMULATOR_HOST, unless it is InMemory.
func (s *Server) Host() string { return strings.TrimPrefix(s.URL, "http://") }

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
