package consumer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/eeexport/handler/consumer"
	"example.com/eeexport/handler/local"
)

// brokenStore fails in the methods that are set.
type brokenStore struct {
	consumer.Memory
	begin, end error
}

func (s *brokenStore) Begin(ctx context.Context, id string) (consumer.State, error) {
	if s.begin != nil {
		return consumer.Busy, s.begin
	}
	return s.Memory.Begin(ctx, id)
}

func (s *brokenStore) End(ctx context.Context, id string, handled bool) error {
	if s.end != nil {
		return s.end
	}
	return s.Memory.End(ctx, id, handled)
}

// push is a wrapped push of the message of a started Operation.
func push(t testing.TB) *http.Request {
	m := started(t)
	body := local.Message{ID: "1", Data: m.Data, Attributes: m.Attributes}.Envelope()
	return httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
}

func TestAnEventIsHandledOnce(t *testing.T) {
	failure := errors.New("failure")
	for _, tc := range []struct {
		name       string
		store      consumer.Store
		fails      int // how often Do fails before it succeeds
		deliveries []int
		handled    int
	}{
		{"a duplicate is acknowledged", new(consumer.Memory), 0, []int{204, 204}, 1},
		{"an event whose handling fails comes again", new(consumer.Memory), 2, []int{503, 503, 204, 204}, 3},
		{"an event is not handled without the store", &brokenStore{begin: failure}, 0, []int{503}, 0},
		{"an event is not acknowledged without the store", &brokenStore{end: failure}, 0, []int{503, 503}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calls := 0
			h := &consumer.Handler{Store: tc.store, Do: func(context.Context, consumer.Event) error {
				if calls++; calls <= tc.fails {
					return failure
				}
				return nil
			}}
			for i, want := range tc.deliveries {
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, push(t)); w.Code != want {
					t.Errorf("delivery %d: %d %s, want %d", i+1, w.Code, w.Body, want)
				}
			}
			if calls != tc.handled {
				t.Errorf("handled %d times, want %d", calls, tc.handled)
			}
		})
	}
}

func TestACopyWaitsForTheOutcomeOfTheFirst(t *testing.T) {
	begun, finish := make(chan bool), make(chan bool)
	h := &consumer.Handler{Store: new(consumer.Memory), Do: func(context.Context, consumer.Event) error {
		begun <- true
		<-finish
		return nil
	}}
	m, first := started(t), make(chan error)
	go func() { first <- h.HandleMessage(t.Context(), m.Attributes, m.Data) }()
	<-begun
	if err := h.HandleMessage(t.Context(), m.Attributes, m.Data); !errors.Is(err, consumer.ErrBusy) {
		t.Errorf("the copy: %v", err)
	}
	finish <- true
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestAnEventComesAgainAfterAPanic(t *testing.T) {
	panics := true
	h := &consumer.Handler{Store: new(consumer.Memory), Do: func(context.Context, consumer.Event) error {
		if panics {
			panic("in Do")
		}
		return nil
	}}
	m := started(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = h.HandleMessage(t.Context(), m.Attributes, m.Data)
	}()
	panics = false
	if err := h.HandleMessage(t.Context(), m.Attributes, m.Data); err != nil {
		t.Error(err)
	}
}

func TestTheStoreIsCalledEvenIfTheTimeHasRunOut(t *testing.T) {
	store := new(consumer.Memory)
	ctx, cancel := context.WithCancel(t.Context())
	h := &consumer.Handler{Store: store, Do: func(context.Context, consumer.Event) error { cancel(); return nil }}
	m := started(t)
	if err := h.HandleMessage(ctx, m.Attributes, m.Data); err != nil {
		t.Error(err)
	}
	if state, _ := store.Begin(t.Context(), m.Attributes["ce-id"]); state != consumer.Handled {
		t.Errorf("state %d", state)
	}
}

func TestARequestThatIsNotAnEventIsNotAcknowledged(t *testing.T) {
	h := &consumer.Handler{Store: new(consumer.Memory), Do: func(context.Context, consumer.Event) error { panic("called") }}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte("{}")))); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if err := h.HandleMessage(t.Context(), nil, nil); err == nil {
		t.Error("a message of somebody else was acknowledged")
	}
}

func TestMemoryBeginsEachEventOnceAmongMany(t *testing.T) {
	store := new(consumer.Memory)
	var begun atomic.Int32
	var many sync.WaitGroup
	for range 50 {
		many.Go(func() {
			if state, _ := store.Begin(t.Context(), "1"); state == consumer.Begun {
				begun.Add(1)
			}
		})
	}
	if many.Wait(); begun.Load() != 1 {
		t.Errorf("begun %d times", begun.Load())
	}
}

func TestMemoryForgetsTheOldestEvents(t *testing.T) {
	const remembered = 100_000
	store := new(consumer.Memory)
	for i := range remembered + 1 {
		if state, _ := store.Begin(t.Context(), fmt.Sprint(i)); state != consumer.Begun {
			t.Fatalf("%d: state %d", i, state)
		}
		_ = store.End(t.Context(), fmt.Sprint(i), true)
	}
	for id, want := range map[int]consumer.State{0: consumer.Begun, 1: consumer.Handled, remembered: consumer.Handled} {
		if state, _ := store.Begin(t.Context(), fmt.Sprint(id)); state != want {
			t.Errorf("%d: state %d, want %d", id, state, want)
		}
	}
}
