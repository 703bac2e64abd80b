package console

import (
	"cmp"
	"encoding/json"
	"time"
)

// What is kept, so that a stack that runs for days does not eat the memory. The
// oldest go first.
const (
	maxRequests   = 500
	maxAttempts   = 20 // of one request
	maxMessages   = 500
	maxOperations = 500
	// maxDataBytes is how much of one message can be looked at.
	maxDataBytes = 32 << 10
)

// state is what the page shows. Its fields with JSON names go to the page as
// they are.
type state struct {
	requests   ring[*request]
	messages   ring[*message]
	operations []operation
	// attempts finds a request by an execution of it.
	attempts map[string]*request
	// early are log lines of executions that nobody has told of.
	early map[string]*logLine
}

func newState() state {
	s := state{
		requests: newRing[*request](maxRequests),
		messages: newRing[*message](maxMessages),
		attempts: make(map[string]*request),
		early:    make(map[string]*logLine),
	}
	s.requests.dropped = func(r *request) {
		for i := range r.Attempts {
			delete(s.attempts, r.Attempts[i].Execution)
		}
	}
	return s
}

// request is what was asked for, once: an HTTP call, an event however often it
// is delivered, or the watcher's ticks, which count as one.
type request struct {
	ID        string    `json:"id"`
	Trigger   string    `json:"trigger"`
	Time      time.Time `json:"time"`
	MessageID string    `json:"messageId,omitempty"` // of the event
	Asset     string    `json:"asset,omitempty"`
	Attempts  []attempt `json:"attempts"` // the newest, oldest first
	Count     int       `json:"count"`    // of all attempts
}

// attempt is one execution of a function.
type attempt struct {
	// Execution is what the log line names: the execution's ID of an HTTP
	// request, the span of an event's delivery.
	Execution string    `json:"-"`
	Time      time.Time `json:"time"`
	// Number is Pub/Sub's count of deliveries; 0 where there is none.
	Number      int  `json:"number,omitempty"`
	Redelivered bool `json:"redelivered,omitempty"` // because somebody asked for it

	// From the answer, where it is known.
	Answered   bool        `json:"answered,omitempty"`
	Code       int         `json:"code,omitempty"`
	Violations []violation `json:"violations,omitempty"`
	Next       string      `json:"next,omitempty"` // what happens now

	// From the log.
	Outcome   string  `json:"outcome,omitempty"`
	Class     string  `json:"class,omitempty"`
	Message   string  `json:"message,omitempty"`
	Note      string  `json:"note,omitempty"`
	RequestID string  `json:"requestId,omitempty"`
	Operation string  `json:"operation,omitempty"`
	Calls     int     `json:"calls,omitempty"` // of Earth Engine
	Millis    float64 `json:"millis,omitempty"`
}

// violation is one thing that is wrong with a request.
type violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// request returns the request with an ID, and makes it where there is none.
func (s *state) request(id, trigger string) *request {
	r, ok := s.requests.get(id)
	if !ok {
		r = &request{ID: id, Trigger: trigger, Time: time.Now()}
		s.requests.put(id, r)
	}
	return r
}

// attempt returns the execution's place in its request, or makes it there. What
// the log has said of it is already in it.
func (s *state) attempt(r *request, execution string) *attempt {
	for i := range r.Attempts {
		if r.Attempts[i].Execution == execution {
			return &r.Attempts[i]
		}
	}
	if len(r.Attempts) == maxAttempts {
		delete(s.attempts, r.Attempts[0].Execution)
		r.Attempts = r.Attempts[1:]
	}
	r.Count++
	r.Attempts = append(r.Attempts, attempt{Execution: execution, Time: time.Now()})
	a := &r.Attempts[len(r.Attempts)-1]
	s.attempts[execution] = r
	if line, ok := s.early[execution]; ok {
		delete(s.early, execution)
		line.fill(r, a)
	}
	return a
}

// answered notes what a function has answered. Where the log says how it ended
// that stands: an event that can never succeed is answered 200 once it is on the
// failures topic.
func (a *attempt) answered(code int, body []byte, err error) {
	a.Answered = true
	if a.Outcome == "" {
		a.Code = code
	}
	if err != nil {
		a.Message = err.Error()
	}
	var answer struct {
		Error struct {
			Status, Message string
			Details         []struct {
				FieldViolations []violation
			}
		}
	}
	// What is no error body is an Operation, or nothing.
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	a.Message = cmp.Or(a.Message, answer.Error.Message)
	for _, detail := range answer.Error.Details {
		a.Violations = append(a.Violations, detail.FieldViolations...)
	}
}

// ring keeps the newest values, each under a key.
type ring[V any] struct {
	most    int
	keys    []string
	byKey   map[string]V
	dropped func(V)
}

func newRing[V any](most int) ring[V] {
	return ring[V]{most: most, byKey: make(map[string]V), dropped: func(V) {}}
}

func (r *ring[V]) get(key string) (V, bool) {
	v, ok := r.byKey[key]
	return v, ok
}

// put adds a value, whose key must be new.
func (r *ring[V]) put(key string, v V) {
	r.keys = append(r.keys, key)
	r.byKey[key] = v
	if len(r.keys) > r.most {
		oldest := r.keys[0]
		r.keys = r.keys[1:]
		r.dropped(r.byKey[oldest])
		delete(r.byKey, oldest)
	}
}

// all returns the values, oldest first.
func (r *ring[V]) all() []V {
	values := make([]V, len(r.keys))
	for i, key := range r.keys {
		values[i] = r.byKey[key]
	}
	return values
}
