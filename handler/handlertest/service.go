package handlertest

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// Service is a function of several instances, as the platform runs it: each
// request goes to one of them, and any may be killed.
type Service struct {
	target string
	env    map[string]string
	client *http.Client

	mu      sync.Mutex
	started sync.Cond   // when an instance has been
	running []*Function // nil in the place of one that is being started
	turn    int
}

// StartService serves a function with n instances. They end with the test.
func StartService(t testing.TB, target string, n int, env map[string]string) *Service {
	t.Helper()
	s := &Service{target: target, env: env, running: make([]*Function, n),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}}
	s.started.L = &s.mu
	t.Cleanup(s.client.CloseIdleConnections)
	for i := range n {
		s.start(t, i)
	}
	return s
}

func (s *Service) start(t testing.TB, i int) {
	t.Helper()
	f := Start(t, s.target, s.env)
	f.client = s.client
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[i] = f
	s.started.Broadcast()
}

// Kill ends instance i as SIGKILL does, and starts another in its place.
// Meanwhile requests go to the others, or wait if there are none.
func (s *Service) Kill(t testing.TB, i int) {
	t.Helper()
	s.mu.Lock()
	f := s.running[i]
	s.running[i] = nil
	s.mu.Unlock()
	f.Kill()
	s.start(t, i)
}

// Send sends any HTTP request to the function's next instance, and returns an
// error if no whole answer came.
func (s *Service) Send(method, path string, body []byte, headers ...string) (*Answer, error) {
	return s.next().Send(method, path, body, headers...)
}

// Deliver sends a message to the event function as Eventarc does.
func (s *Service) Deliver(m Message) (*Answer, error) {
	return s.Send(http.MethodPost, "/", m.Envelope(), m.Headers()...)
}

// next waits for an instance, and takes them in turn.
func (s *Service) next() *Function {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for range s.running {
			s.turn = (s.turn + 1) % len(s.running)
			if f := s.running[s.turn]; f != nil {
				return f
			}
		}
		s.started.Wait()
	}
}
