package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

const (
	// maxBehind is how many events a page may be behind. One that is further
	// behind is cut off; it reconnects and gets a snapshot.
	maxBehind = 512
	// writeTimeout is how long a page may take to read.
	writeTimeout = 10 * time.Second
)

// stream is the connection of one page.
type stream struct {
	events chan []byte // closed when it is too far behind
}

// snapshot is all that the page shows, at one moment.
type snapshot struct {
	Endpoints  [][2]string   `json:"endpoints"` // name and address
	Topics     []string      `json:"topics"`
	Examples   []string      `json:"examples"`
	Faults     []faultKind   `json:"faults"`
	Quotas     eetest.Quotas `json:"quotas"`
	Requests   []*request    `json:"requests"`
	Messages   []*message    `json:"messages"` // by their publish time
	Operations []*operation  `json:"operations"`
	Status     gauges        `json:"status"`
	Tick       *tick         `json:"tick"`
}

// stream sends server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html): a snapshot,
// then every change. A page that reconnects begins again with a snapshot.
func (c *Console) stream(w http.ResponseWriter, r *http.Request) {
	s, first := c.join()
	defer c.leave(s)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	control := http.NewResponseController(w)
	write := func(event []byte) bool {
		control.SetWriteDeadline(time.Now().Add(writeTimeout))
		_, err := w.Write(event)
		return err == nil && control.Flush() == nil
	}
	if !write([]byte("retry: 1000\n\n")) || !write(first) {
		return
	}
	for {
		select {
		case event, open := <-s.events:
			if !open || !write(event) {
				return
			}
		case <-r.Context().Done():
			return
		case <-c.finished:
			return
		}
	}
}

// join adds a stream. Nothing happens between its snapshot and its first event.
func (c *Console) join() (*stream, []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	first := encode("snapshot", c.snapshot())
	s := &stream{events: make(chan []byte, maxBehind)}
	c.streams[s] = struct{}{}
	return s, first
}

// snapshot returns all that is shown. The caller holds the lock.
func (c *Console) snapshot() snapshot {
	return snapshot{
		Endpoints: [][2]string{
			{"ExportClassifier", c.stack.HTTPURL},
			{"ExportClassifierEvent", c.stack.EventURL},
			{"WatchOperations", c.stack.WatchURL},
			{"Pub/Sub", c.stack.PubSub.Addr()},
			{"Earth Engine", c.stack.EarthEngine.URL},
		},
		Topics:     local.Topics(),
		Examples:   requests.Names(),
		Faults:     faultKinds[:],
		Quotas:     eetest.DefaultQuotas(),
		Requests:   c.state.requests.all(),
		Messages:   c.state.allMessages(),
		Operations: c.state.operations,
		Status:     c.shown,
		Tick:       c.state.tick,
	}
}

func (c *Console) leave(s *stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, s)
}

// send sends an event to all streams. The caller holds the lock.
func (c *Console) send(kind string, value any) {
	if len(c.streams) == 0 {
		return
	}
	event := encode(kind, value)
	for s := range c.streams {
		select {
		case s.events <- event:
		default:
			delete(c.streams, s)
			close(s.events)
		}
	}
}

// encode makes an event. JSON has no newline in it, so that its data is one
// line.
func encode(kind string, value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("console: %T: %v", value, err)) // a mistake in this package
	}
	return bytes.Join([][]byte{[]byte("event: " + kind + "\ndata: "), data, []byte("\n\n")}, nil)
}
