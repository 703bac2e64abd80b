package eetest

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"
)

// When is the moment at which a connection breaks: before or after the request
// has its effect. The client sees no difference.
type When int

const (
	BeforeStart When = iota + 1 // nothing has been done
	AfterStart                  // all has been done, and only the answer is lost
)

// Fault is something that goes wrong with a request, after authentication and
// quotas and after its body was read. The zero Fault does nothing.
//
// A request whose answer is replaced (Status, Body) or lost (Reset) has no effect,
// except with Started, Reset: AfterStart or Truncate.
type Fault struct {
	Method Method // of the request; zero for any

	// Status answers with this HTTP status and Google's error body.
	Status  int
	Code    string // google.rpc code in that body; by default that of Status
	Message string // message in that body; by default it says that it is injected

	// Reason adds a google.rpc.ErrorInfo of the domain googleapis.com, or
	// Domain, with Metadata. LegacyReason adds the older list of errors.
	Reason       string
	Domain       string
	Metadata     map[string]string
	LegacyReason string

	// Body answers with these bytes instead: a proxy's page, half a JSON
	// value. Status is then 200 unless set, and the content type text/html if
	// Body begins with "<", and application/json if not.
	Body string

	RetryAfter string            // Retry-After header of any answer
	Header     map[string]string // other headers of any answer

	// Started lets the request have its effect, and then sends the answer of
	// the fields above, as if a proxy had lost the real one.
	Started bool
	// Reset breaks the connection (RST) before or after the effect.
	Reset When
	// Truncate lets the request have its effect, and sends the headers of the
	// answer, with its length, but only half of its body. The answer is the real
	// one, or that of Status or Body.
	Truncate bool
	// Delay passes in real time before anything else, or between the effect and
	// the answer if the fault lets the request have its effect. If the client
	// hangs up meanwhile, nothing more happens.
	Delay time.Duration

	// Times is the number of requests that the fault hits; 0 for one, negative
	// for all until ClearFaults.
	Times int
}

// started reports whether the request has its effect before the fault hits.
func (f *Fault) started() bool { return f.Started || f.Reset == AfterStart || f.Truncate }

// replaces reports whether the fault has an answer of its own.
func (f *Fault) replaces() bool { return f.Status != 0 || f.Body != "" }

// answer returns the fault's own answer.
func (f *Fault) answer() *answer {
	if f.Body == "" {
		e := &apiError{http: f.Status, status: f.Code, message: f.Message, legacyReason: f.LegacyReason}
		if e.message == "" {
			e.message = "Injected fault: " + http.StatusText(f.Status) + "."
		}
		if f.Reason != "" {
			e.details = []any{newErrorInfo(f.Reason, cmp.Or(f.Domain, googleDomain), f.Metadata)}
		}
		return e.answer()
	}
	a := &answer{status: cmp.Or(f.Status, http.StatusOK), body: []byte(f.Body)}
	if strings.HasPrefix(f.Body, "<") {
		a.set("Content-Type", "text/html; charset=UTF-8")
	}
	return a
}

// faults are the faults still to come.
type faults struct {
	mu     sync.Mutex
	queue  []Fault
	inject func(*http.Request) *Fault
}

// Inject adds faults. A request is hit by at most one: the first for its method
// whose Times are not used up.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, f := range faults {
		f.Times = cmp.Or(f.Times, 1)
		s.faults.queue = append(s.faults.queue, f)
	}
}

// InjectFunc calls f for each request that no fault of Inject hits. The request
// is hit by the fault that f returns, if not nil. f may read the body, and use
// MethodOf; many goroutines call it at once. A nil f removes the function.
func (s *Server) InjectFunc(f func(r *http.Request) *Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.inject = f
}

// ClearFaults removes all faults, and the function given to InjectFunc.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue, s.faults.inject = nil, nil
}

// next returns the fault that hits a call, or nil.
func (fs *faults) next(c *call) *Fault {
	fs.mu.Lock()
	inject := fs.inject
	for i := range fs.queue {
		if f := fs.queue[i]; f.Times != 0 && (f.Method == "" || f.Method == c.method) {
			fs.queue[i].Times--
			fs.mu.Unlock()
			return &f
		}
	}
	fs.mu.Unlock()
	if inject == nil {
		return nil
	}
	r := c.r.Clone(c.r.Context())
	r.Body = c.newBody()
	if f := inject(r); f != nil && (f.Method == "" || f.Method == c.method) {
		return f
	}
	return nil
}
