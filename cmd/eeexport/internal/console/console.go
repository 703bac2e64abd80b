// Package console is a page for developers who use a local stack. It shows, as
// they happen, the requests that reach the functions and what became of each,
// the Operations and how far they are, the messages on every topic and the quotas
// in use; and it sends requests by either trigger, injects faults and has events
// delivered again, so that the guarantees can be watched holding.
//
//	page, err := console.Listen("127.0.0.1:8079")
//	defer page.Close()
//	cfg.Log, cfg.OnExchange, cfg.OnDelivery = page, page.Exchange, page.Delivery
//	s, err := local.Start(ctx, cfg)
//	err = page.Serve(ctx, s)
//
// It is for development: it listens on the loopback interface alone, answers
// nobody but its own page, and is not in the server's binary.
package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/local"
)

// Console is one page and what it shows.
type Console struct {
	// URL is where the page is.
	URL string

	listener net.Listener
	http     *http.Server
	client   *http.Client
	stack    *local.Stack // set by Serve, before it answers requests
	armed    armedFaults

	mu       sync.Mutex
	state    state
	streams  map[*stream]struct{}
	shown    gauges // what was sent to the streams last
	finished chan struct{}
}

// CheckAddr returns an error if an address to listen on is not one of the
// loopback interface.
func CheckAddr(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not an address such as 127.0.0.1:8079", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		return fmt.Errorf("%q is not on the loopback interface: the page is for this machine alone", addr)
	}
	return nil
}

// Listen takes the address, so that one in use fails before anything else
// starts. Nothing is answered until Serve.
func Listen(addr string) (*Console, error) {
	if err := CheckAddr(addr); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the console: %s is in use", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("the console: %w", err)
	}
	return &Console{
		URL:      "http://" + listener.Addr().String(),
		listener: listener,
		client:   &http.Client{Timeout: 2 * time.Minute},
		state:    newState(),
		streams:  make(map[*stream]struct{}),
		finished: make(chan struct{}),
	}, nil
}

// Serve shows the stack from now until ctx ends or Close, and returns when the
// page can be looked at.
func (c *Console) Serve(ctx context.Context, s *local.Stack) error {
	c.stack = s
	for _, topic := range local.Topics() {
		messages, err := s.Subscribe(ctx, topic)
		if err != nil {
			return err
		}
		go func() {
			for m := range messages {
				c.message(topic, m)
			}
		}()
	}
	s.EarthEngine.InjectFunc(c.armed.earthEngine)
	s.PubSub.InjectFunc(c.armed.pubsub)
	go c.poll()
	c.http = &http.Server{
		Handler:           guard(c.routes()),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go c.http.Serve(c.listener)
	return nil
}

// Close cuts every connection. The subscriptions that Serve has made end with its
// context or with the stack.
func (c *Console) Close() {
	close(c.finished)
	c.listener.Close()
	if c.http != nil {
		c.http.Close()
	}
	c.client.CloseIdleConnections()
}

// routes are the page's paths.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	serveAssets(mux)
	mux.HandleFunc("GET /events", c.stream)
	mux.HandleFunc("GET /examples/{name}", c.example)
	mux.HandleFunc("GET /messages/{id}", c.messageData)
	mux.HandleFunc("GET /exchanges/{execution}", c.exchange)
	mux.HandleFunc("POST /send/http", c.sendHTTP)
	mux.HandleFunc("POST /send/event", c.sendEvent)
	mux.HandleFunc("POST /redeliver/{id}", c.redeliver)
	mux.HandleFunc("POST /redrive/{id}", c.redrive)
	mux.HandleFunc("POST /operations/fail", c.finish(eetest.Failed))
	mux.HandleFunc("POST /operations/cancel", c.finish(eetest.Cancelled))
	mux.HandleFunc("POST /faults/{kind}", c.arm)
	mux.HandleFunc("POST /faults", c.disarm)
	mux.HandleFunc("POST /clear", c.clear)
	return mux
}
