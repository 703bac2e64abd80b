package consumer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	// maxBodyBytes bounds a push: the largest message, 10 MB, in base64.
	maxBodyBytes = 16 << 20
	// endTimeout bounds [Store.End], which is called even if the time for the
	// event has run out.
	endTimeout = 10 * time.Second
)

// ErrBusy means that another delivery of the same event is being handled.
var ErrBusy = errors.New("the event is being handled by another delivery")

// Handler handles each event once. It acknowledges copies of an event that was
// handled. A copy that arrives while the event is being handled is not
// acknowledged, since it may still be needed.
//
// An event is handled more than once only if the process is killed, or the Store
// fails, after Do has returned. Do should be idempotent.
type Handler struct {
	// Store remembers the events.
	Store Store
	// Do handles an event. If it fails or panics, the event comes again.
	Do func(ctx context.Context, e Event) error
}

// Handle handles an event unless it was handled before. Acknowledge the event if
// the error is nil, and have it delivered again otherwise.
func (h *Handler) Handle(ctx context.Context, e Event) error {
	state, err := h.Store.Begin(ctx, e.EventID())
	switch {
	case err != nil:
		return err
	case state == Handled:
		return nil
	case state != Begun:
		return ErrBusy
	}
	handled := false
	end := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
		defer cancel()
		return h.Store.End(ctx, e.EventID(), handled)
	}
	defer func() {
		if !handled { // Do has failed or panicked, and its error is the one to return
			_ = end()
		}
	}()
	if err := h.Do(ctx, e); err != nil {
		return err
	}
	handled = true
	return end()
}

// HandleMessage handles a Pub/Sub message, as a pull subscriber gets it.
func (h *Handler) HandleMessage(ctx context.Context, attributes map[string]string, data []byte) error {
	e, err := ParseMessage(attributes, data)
	if err != nil {
		return err
	}
	return h.Handle(ctx, e)
}

// ServeHTTP handles what a push subscription or Eventarc delivers. It answers 204
// to acknowledge the event, 400 if it is not an event of eeexport, and 503 if it
// was not handled. Pub/Sub delivers the latter two again, or moves them to the
// subscription's dead-letter topic.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	var e Event
	if err == nil {
		e, err = ParseRequest(r.Header, body)
	}
	if err != nil {
		slog.ErrorContext(r.Context(), "not an event of eeexport", "error", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := h.Handle(r.Context(), e); err != nil {
		slog.WarnContext(r.Context(), "the event was not handled", "id", e.EventID(), "error", err)
		http.Error(w, "the event was not handled", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
