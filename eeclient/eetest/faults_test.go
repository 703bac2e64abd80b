package eetest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	const page = "<html><title>502 Bad Gateway</title></html>"
	for _, tt := range []struct {
		name    string
		fault   Fault
		status  int // 0 if there is no answer
		err     error
		header  string // "Name: value" of the answer
		says    string // what the body holds
		started bool
	}{
		{name: "the zero fault does nothing", started: true, status: 200},
		{name: "a status comes with Google's error body", fault: Fault{Status: 503}, status: 503, says: `"status": "UNAVAILABLE"`},
		{name: "its code can be chosen", fault: Fault{Status: 400, Code: "FAILED_PRECONDITION"}, status: 400, says: `"status": "FAILED_PRECONDITION"`},
		{name: "its message can be chosen", fault: Fault{Status: 400, Message: "Not now."}, status: 400, says: `"message": "Not now."`},
		{name: "a Retry-After is sent along", fault: Fault{Status: 429, RetryAfter: "7"}, status: 429, header: "Retry-After: 7"},
		{name: "it can say why", fault: Fault{Status: 403, Reason: "SERVICE_DISABLED"}, status: 403, says: `"reason": "SERVICE_DISABLED"`},
		{name: "in the domain of Google's services", fault: Fault{Status: 403, Reason: "SERVICE_DISABLED"}, status: 403, says: `"domain": "googleapis.com"`},
		{name: "in the older form too", fault: Fault{Status: 403, LegacyReason: "accessNotConfigured"}, status: 403, says: `"reason": "accessNotConfigured"`},
		{name: "headers are added to the answer", fault: Fault{Header: map[string]string{"X-Earth-Engine-Quota-Status": "low"}}, status: 200, started: true, header: "X-Earth-Engine-Quota-Status: low"},
		{name: "a proxy's page is HTML", fault: Fault{Status: 502, Body: page}, status: 502, header: "Content-Type: text/html; charset=UTF-8", says: page},
		{name: "half a JSON value is sent as it is", fault: Fault{Started: true, Body: `{"name":"proj`}, status: 200, started: true, header: "Content-Type: application/json; charset=UTF-8", says: `{"name":"proj`},
		{name: "an answer is lost through a proxy after the start", fault: Fault{Started: true, Status: 504}, status: 504, started: true},
		{name: "the connection is reset before the start", fault: Fault{Reset: BeforeStart}, err: syscall.ECONNRESET},
		{name: "the connection is reset after the start", fault: Fault{Reset: AfterStart}, err: syscall.ECONNRESET, started: true},
		{name: "the answer breaks off", fault: Fault{Truncate: true}, status: 200, err: io.ErrUnexpectedEOF, started: true, says: `{`},
		{name: "the answer is late", fault: Fault{Delay: time.Millisecond}, status: 200, started: true},
		{name: "another method's fault does not hit", fault: Fault{Method: GetOperation, Status: 500}, status: 200, started: true},
		{name: "its own method's fault hits", fault: Fault{Method: ExportClassifier, Status: 500}, status: 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t)
			s.Inject(tt.fault)
			res, err := try("POST", s.URL+exportPath, request())
			if !errors.Is(err, tt.err) || res.status != tt.status || !strings.Contains(string(res.body), tt.says) {
				t.Errorf("%v, %d %s; want %v, %d %s", err, res.status, res.body, tt.err, tt.status, tt.says)
			}
			if name, value, _ := strings.Cut(tt.header, ": "); res.header.Get(name) != value {
				t.Errorf("header %v, want %s", res.header, tt.header)
			}
			if n := len(s.Operations()); n == 1 != tt.started {
				t.Errorf("%d Operations, started: %v", n, tt.started)
			}
			if got := s.Requests()[0].Status; got != tt.status {
				t.Errorf("recorded status %d, want %d", got, tt.status)
			}
			export(t, s, request()) // a fault hits once
		})
	}
}

func TestFaultsHitInTurn(t *testing.T) {
	expect := func(t *testing.T, s *Server, want ...int) {
		t.Helper()
		for i, status := range want {
			if got := do(t, "GET", s.URL+listPath, "").status; got != status {
				t.Fatalf("request %d: status %d, want %v", i+1, got, want)
			}
		}
	}
	t.Run("each as often as its Times", func(t *testing.T) {
		s := newTestServer(t)
		s.Inject(Fault{Status: 500, Times: 2}, Fault{Method: ExportClassifier, Status: 400}, Fault{Status: 503})
		expect(t, s, 500, 500, 503, 200)
	})
	t.Run("for good until they are cleared", func(t *testing.T) {
		s := newTestServer(t)
		s.Inject(Fault{Status: 500, Times: -1})
		expect(t, s, 500, 500, 500)
		s.ClearFaults()
		expect(t, s, 200)
	})
	t.Run("a function decides on the rest, and sees the request", func(t *testing.T) {
		s := newTestServer(t)
		s.Inject(Fault{Method: ListOperations, Status: 500})
		s.InjectFunc(func(r *http.Request) *Fault {
			body, err := io.ReadAll(r.Body)
			if err != nil || MethodOf(r) != ExportClassifier || !strings.Contains(string(body), "unlucky") {
				return nil
			}
			return &Fault{Status: 503}
		})
		expect(t, s, 500, 200)
		if res := do(t, "POST", s.URL+exportPath, request(`{"description":"unlucky"}`)); res.status != 503 {
			t.Errorf("status %d, want 503", res.status)
		}
		export(t, s, request())
		s.ClearFaults()
		export(t, s, request(`{"description":"unlucky"}`))
	})
	t.Run("a request that is refused uses up none", func(t *testing.T) {
		s := newTestServer(t)
		s.Inject(Fault{Status: 500})
		do(t, "GET", s.URL+listPath, "", "Authorization: ")
		expect(t, s, 500, 200)
	})
}

func TestADelayEndsWithTheClientOrTheServer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   Fault
		closes  bool // the server; otherwise the client hangs up
		started int
	}{
		{"the client hangs up before the start", Fault{Delay: time.Hour}, false, 0},
		{"the client hangs up after the start", Fault{Delay: time.Hour, Started: true}, false, 1},
		{"the server closes before the start", Fault{Delay: time.Hour}, true, 0},
		{"the server closes after the start", Fault{Delay: time.Hour, Started: true}, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t)
			arrived := make(chan bool)
			s.InjectFunc(func(*http.Request) *Fault {
				close(arrived)
				return &tt.fault
			})
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL+exportPath, strings.NewReader(request()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer tok")
			failed := make(chan error)
			go func() {
				_, err := http.DefaultClient.Do(req)
				failed <- err
			}()
			<-arrived
			if !tt.closes {
				hangUp()
			}
			s.Close() // waits for the request, which would take an hour
			if err := <-failed; err == nil || len(s.Operations()) != tt.started {
				t.Errorf("error %v, %d Operations", err, len(s.Operations()))
			}
		})
	}
}
