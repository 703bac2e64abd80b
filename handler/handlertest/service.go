package handlertest

import (
	"net/http"
	"testing"
	"time"
)

// Service is a function of several instances, as the platform runs it: each
// request goes to one of them, and any may be killed.
type Service struct {
	target  string
	env     map[string]string
	client  *http.Client
	running chan *Function // the instances, in turn
}

// StartService serves a function with n instances. They end with the test.
func StartService(t testing.TB, target string, n int, env map[string]string) *Service {
	t.Helper()
	s := &Service{target: target, env: env, running: make(chan *Function, n),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}}
	t.Cleanup(s.client.CloseIdleConnections)
	for range n {
		s.start(t)
	}
	return s
}

func (s *Service) start(t testing.TB) {
	t.Helper()
	f := Start(t, s.target, s.env)
	f.client = s.client
	s.running <- f
}

// Kill ends an instance as SIGKILL does, and starts another in its place.
// Meanwhile requests go to the others, or wait if there are none.
func (s *Service) Kill(t testing.TB) {
	t.Helper()
	f := <-s.running
	f.Kill()
	s.start(t)
}

// Send sends any HTTP request to the function's next instance, and returns an
// error if no whole answer came.
func (s *Service) Send(method, path string, body []byte, headers ...string) (*Answer, error) {
	f := <-s.running
	s.running <- f
	return f.Send(method, path, body, headers...)
}

// Deliver sends a message to the event function as Eventarc does.
func (s *Service) Deliver(m Message) (*Answer, error) {
	return s.Send(http.MethodPost, "/", m.Envelope(), m.Headers()...)
}
