package console

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/rpcstatus"
	"example.com/eeexport/handler/local"
)

// What is kept, so that a stack that runs for days does not use up the memory.
// The oldest go first.
const (
	maxRequests   = 500
	maxAttempts   = 20  // of one request
	maxMessages   = 500 // of each topic
	maxOperations = 500
	maxEarly      = 100
	// maxDataBytes is how much of one message can be looked at.
	maxDataBytes = 256 << 10
)

// state is what the page shows.
type state struct {
	requests   ring[*request]
	messages   map[string]*ring[*message] // by topic
	operations []*operation               // the newest, oldest first
	tick       *tick                      // the last one
	// early are log lines of executions that are not known yet.
	early ring[*logLine]
	// deadLetters are the last deliveries of messages that are on their way to the
	// dead-letter topic, by their IDs there.
	deadLetters ring[local.Delivery]
	// cleared are the Operations that are no longer shown.
	cleared map[string]bool
}

func newState() state {
	s := state{
		requests:    newRing[*request](maxRequests),
		messages:    make(map[string]*ring[*message]),
		early:       newRing[*logLine](maxEarly),
		deadLetters: newRing[local.Delivery](maxEarly),
		cleared:     make(map[string]bool),
	}
	for _, topic := range local.Topics() {
		messages := newRing[*message](maxMessages)
		s.messages[topic] = &messages
	}
	return s
}

// request is one request: an HTTP call, or an event, however often it is
// delivered.
type request struct {
	ID        string    `json:"id"`
	Trigger   string    `json:"trigger"` // http or event
	Time      time.Time `json:"time"`
	MessageID string    `json:"messageId,omitempty"` // of the event
	Asset     string    `json:"asset,omitempty"`
	Attempts  []attempt `json:"attempts"` // the newest, oldest first
	Count     int       `json:"count"`    // of all attempts
}

// attempt is one execution of a function.
type attempt struct {
	Execution string    `json:"execution"`
	Time      time.Time `json:"time"`
	// Number is Pub/Sub's count of deliveries; 0 if there is none.
	Number      int    `json:"number,omitempty"`
	Redelivered bool   `json:"redelivered,omitempty"` // because somebody asked for it
	Next        string `json:"next,omitempty"`        // what happens now

	// From the exchange.
	Code  int `json:"code,omitempty"` // 0 before the answer
	Bytes int `json:"bytes,omitempty"`
	verdict

	// From the log.
	Outcome   string `json:"outcome,omitempty"`
	Class     string `json:"class,omitempty"`
	RequestID string `json:"requestId,omitempty"`
	Operation string `json:"operation,omitempty"`
	Published string `json:"published,omitempty"` // ID of the message
	Calls     int    `json:"calls,omitempty"`     // of Earth Engine
	// Durations are the milliseconds of each part, in the order in which they
	// ended, and the total.
	Durations json.RawMessage `json:"durations,omitempty"`

	exchange *local.Exchange
}

// verdict is why a request failed.
type verdict struct {
	Message    string                    `json:"message,omitempty"`
	Violations []eeclient.FieldViolation `json:"violations,omitempty"`
}

// parseVerdict reads Google's error body. For any other it returns the zero
// verdict.
func parseVerdict(code int, body []byte) verdict {
	said, _ := rpcstatus.Parse(code, body)
	return verdict{said.Message, said.Details.FieldViolations()}
}

// request returns the request with an ID, and adds it if it is new.
func (s *state) request(id, trigger string) *request {
	r, ok := s.requests.get(id)
	if !ok {
		r = &request{ID: id, Trigger: trigger, Time: time.Now()}
		s.requests.put(id, r)
	}
	return r
}

// find returns an execution and its request; nil if they are not kept.
func (s *state) find(execution string) (*request, *attempt) {
	for _, r := range slices.Backward(s.requests.all()) {
		if i := slices.IndexFunc(r.Attempts, func(a attempt) bool { return a.Execution == execution }); i >= 0 {
			return r, &r.Attempts[i]
		}
	}
	return nil, nil
}

// attempt returns an execution of a request, and adds it if it is new, with what
// the log has recorded of it before.
func (s *state) attempt(r *request, execution string) *attempt {
	if _, a := s.find(execution); a != nil {
		return a
	}
	if len(r.Attempts) == maxAttempts {
		r.Attempts = r.Attempts[1:]
	}
	r.Count++
	r.Attempts = append(r.Attempts, attempt{Execution: execution, Time: time.Now()})
	a := &r.Attempts[len(r.Attempts)-1]
	if line, ok := s.early.get(execution); ok {
		line.fill(r, a)
		s.explain(r)
	}
	return a
}

// explain adds to each execution of an event what the failures topic holds about
// it. The event was acknowledged without an answer, and the log holds no
// violations.
func (s *state) explain(r *request) {
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if r.Trigger != "event" || a.Class != "permanent" || len(a.Violations) > 0 {
			continue
		}
		for _, m := range s.messages[local.FailuresTopic].all() {
			if m.Attributes["requestId"] == a.RequestID {
				a.verdict = m.verdict
			}
		}
	}
}

// allMessages returns the messages of all topics by their publish time.
func (s *state) allMessages() []*message {
	all := []*message{}
	for _, messages := range s.messages {
		all = append(all, messages.all()...)
	}
	slices.SortStableFunc(all, func(a, b *message) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	return all
}

// message returns a message by its ID; nil if it is not kept.
func (s *state) message(id string) *message {
	for _, messages := range s.messages {
		if m, ok := messages.get(id); ok {
			return m
		}
	}
	return nil
}

// clear forgets all that has ended.
func (s *state) clear() {
	for _, op := range s.operations {
		if op.State.Done() {
			s.cleared[op.Name] = true
		}
	}
	cleared, operations, tick := s.cleared, s.operations, s.tick
	*s = newState()
	s.cleared, s.tick = cleared, tick
	s.operations = slices.DeleteFunc(operations, func(op *operation) bool { return cleared[op.Name] })
}
