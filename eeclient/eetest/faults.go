package eetest

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"
)

// When says on which side of the start of an export something happens.
type When int

// The two moments at which a connection can break. The client sees no
// difference between them.
const (
	BeforeStart When = iota + 1 // nothing has been done
	AfterStart                  // all has been done, and only the answer is lost
)

// Fault is something that goes wrong with a request. It hits a request that
// has passed authentication and the quotas and been read to its end, in the
// place of the answer or on the way to it. The zero Fault does nothing.
//
// A request whose answer is replaced (Status, Body) or lost (Reset) has no
// effect, unless Started, Reset: AfterStart or Truncate says that it has.
type Fault struct {
	Method Method // that it hits; zero for any

	// Status answers with this HTTP status and Google's error body.
	Status  int
	Code    string // google.rpc code in that body; by default the one of Status
	Message string // and its message; by default one that says it is injected

	// Reason adds a google.rpc.ErrorInfo of the domain googleapis.com, or
	// Domain, with Metadata. LegacyReason adds the older list of errors.
	Reason       string
	Domain       string
	Metadata     map[string]string
	LegacyReason string

	// Body answers with these bytes instead: a proxy's page, half a JSON
	// value. Status is then 200 unless set, and ContentType by default
	// text/html if Body begins with "<", and application/json if not.
	Body        string
	ContentType string

	RetryAfter string            // Retry-After header of the answer, whatever that is
	Header     map[string]string // and others

	// Started lets the request have its effect, and then answers as told by
	// the fields above: an answer that a proxy lost.
	Started bool
	// Reset breaks the connection (RST) before or after the effect.
	Reset When
	// Truncate lets the request have its effect and sends the answer's
	// headers, its length among them, but breaks off in the middle of its
	// body. With Status or Body, that is the answer that is broken off.
	Truncate bool
	// Delay passes, in real time, before anything else; or, if the request
	// has its effect in spite of the fault, between that and the answer. If
	// the client hangs up meanwhile, what was to come does not happen.
	Delay time.Duration

	// Times is how many requests it hits: 0 is one, and a negative number
	// all of them until ClearFaults.
	Times int
}

// started reports whether the request has its effect before the fault hits.
func (f *Fault) started() bool { return f.Started || f.Reset == AfterStart || f.Truncate }

// replaces reports whether the fault has an answer of its own.
func (f *Fault) replaces() bool { return f.Status != 0 || f.Body != "" }

// answer is the one that the fault puts in the place of the real one.
func (f *Fault) answer() *answer {
	if f.Body == "" {
		e := &apiError{http: f.Status, status: f.Code, message: f.Message, legacyReason: f.LegacyReason}
		if e.message == "" {
			e.message = "Injected fault: " + http.StatusText(f.Status) + "."
		}
		if f.Reason != "" {
			info := newErrorInfo(f.Reason, f.Metadata)
			info.Domain = cmp.Or(f.Domain, info.Domain)
			e.details = []any{info}
		}
		return e.answer()
	}
	a := &answer{status: f.Status, body: []byte(f.Body), contentType: f.ContentType}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.contentType == "" && strings.HasPrefix(f.Body, "<") {
		a.contentType = "text/html; charset=UTF-8"
	}
	return a
}

// faults are those still to come.
type faults struct {
	mu     sync.Mutex
	queue  []Fault
	inject func(*http.Request) *Fault
}

// Inject adds faults. Each request is hit by at most one: the first of its
// method that has not hit as many requests as it is meant to.
func (s *Server) Inject(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		s.faults.queue = append(s.faults.queue, f)
	}
}

// InjectFunc asks f for the fault that hits a request, where none added by
// Inject does; nil is none. The request's body can be read, and MethodOf tells
// its method. f is called by many goroutines at once. A nil f ends it.
func (s *Server) InjectFunc(f func(r *http.Request) *Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.inject = f
}

// ClearFaults removes all faults, the function given to InjectFunc as well.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue, s.faults.inject = nil, nil
}

// next returns the fault that hits a call, or nil.
func (fs *faults) next(c *call) *Fault {
	fs.mu.Lock()
	inject := fs.inject
	for i, f := range fs.queue {
		if f.Method != "" && f.Method != c.method {
			continue
		}
		if f.Times > 0 {
			fs.queue[i].Times--
			if f.Times == 1 {
				fs.queue = append(fs.queue[:i], fs.queue[i+1:]...)
			}
		}
		fs.mu.Unlock()
		return &f
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
