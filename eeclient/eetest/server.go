package eetest

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Server is a stand-in for Earth Engine.
type Server struct {
	URL string // http://host:port, without a trailing slash

	emulator bool
	store    *store
	meter    *meter
	faults   faults
	log      *requestLog
	issuer   issuer

	transport *http.Transport // of Client
	http      *httptest.Server
	closing   chan struct{}
	close     sync.Once
}

// NewServer starts a Server. The caller closes it when finished. It panics if
// it cannot listen, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	c := newConfig(opts)
	transport := new(http.Transport)
	if c.inMemory {
		memory := &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		c.listener, transport.DialContext = memory, memory.dial
	}
	if c.listener == nil {
		var err error
		if c.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			panic("eetest: " + err.Error())
		}
	}
	s := &Server{
		URL:       "http://" + c.listener.Addr().String(),
		emulator:  c.emulator,
		store:     newStore(c),
		meter:     newMeter(c.quotas),
		log:       newRequestLog(c.recording),
		issuer:    issuer{grants: make(map[string]grant)},
		transport: transport,
		closing:   make(chan struct{}),
	}
	s.http = &httptest.Server{Listener: c.listener, Config: &http.Server{
		Handler: c.wrap(http.HandlerFunc(s.serve)),
		// Tests break connections on purpose.
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 30 * time.Second,
	}}
	s.http.Start()
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

// Close stops the Server. It ends injected delays, waits up to five seconds for the
// requests under way, and closes every connection. The record can still be read.
func (s *Server) Close() {
	s.close.Do(func() { close(s.closing) })
	cut := time.AfterFunc(5*time.Second, s.http.CloseClientConnections)
	s.http.Close()
	cut.Stop()
	s.transport.CloseIdleConnections()
}
