package consumer

import (
	"context"
	"sync"
)

// State is the state of the handling of an event.
type State int

// The states of an event. With the zero State it is neither handled nor
// acknowledged.
const (
	// Busy means that another delivery is handling the event.
	Busy State = iota
	// Begun means that the caller is to handle the event.
	Begun
	// Handled means that the event was handled.
	Handled
)

// Store remembers by ID which events are being handled and which were. Programs
// that share the work share a Store. Several goroutines call its methods at once.
//
// A Store that outlives its process has to forget an event some minutes after it
// was begun: the process may have been killed, and the event would stay busy. It
// may forget a handled event after the subscription's message retention, which is
// 7 days by default.
type Store interface {
	// Begin begins the event unless it was begun before, in one atomic step, and
	// returns Begun if it did. Otherwise it returns Busy or Handled.
	Begin(ctx context.Context, id string) (State, error)
	// End ends the handling of an event. Unless it was handled, it can begin
	// again.
	End(ctx context.Context, id string, handled bool) error
}

// maxHandled is how many handled events a Memory remembers, the newest ones.
const maxHandled = 100_000

// Memory is a Store for one process. It remembers the newest 100,000 events, and
// forgets everything when the process ends. The zero Memory is ready to use.
type Memory struct {
	mu      sync.Mutex
	states  map[string]State
	handled []string // in order
}

// Begin implements [Store].
func (m *Memory) Begin(_ context.Context, id string) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if state, known := m.states[id]; known {
		return state, nil
	}
	if m.states == nil {
		m.states = make(map[string]State)
	}
	m.states[id] = Busy
	return Begun, nil
}

// End implements [Store].
func (m *Memory) End(_ context.Context, id string, handled bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !handled {
		delete(m.states, id)
		return nil
	}
	m.states[id] = Handled
	m.handled = append(m.handled, id)
	if len(m.handled) > maxHandled {
		delete(m.states, m.handled[0])
		m.handled = m.handled[1:]
	}
	return nil
}
