package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/cmd/eeexport/redrive"
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// maxSendBytes is the largest request that can be sent. The functions accept less,
// so that their refusal can be seen.
const maxSendBytes = 12 << 20

// done answers an action with a sentence for the status line.
func done(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, format, args...)
}

// example answers with one of the real requests.
func (c *Console) example(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(requests.Names(), name) {
		http.NotFound(w, r)
		return
	}
	done(w, "%s", requests.Get(name))
}

// sendHTTP sends the body unchanged to ExportClassifier.
func (c *Console) sendHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	// What has been sent is on its way, though the page may be closed.
	resp, err := c.client.Post(c.stack.HTTPURL, "application/json", bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	resp.Body.Close()
	done(w, "Sent by HTTP: answered %d %s.", resp.StatusCode, http.StatusText(resp.StatusCode))
}

// sendEvent publishes the body to the requests topic, with the attributes that
// the query has as JSON. A body that is a message is published as what it holds.
func (c *Console) sendEvent(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	var attributes map[string]string
	if text := r.URL.Query().Get("attributes"); text != "" {
		if err := json.Unmarshal([]byte(text), &attributes); err != nil {
			http.Error(w, "Attributes must be a JSON object of strings.", http.StatusBadRequest)
			return
		}
	}
	ids := []string{}
	if len(attributes) == 0 {
		// What cannot be read is published unchanged, for the function to refuse.
		ids, _ = Replay(c.stack, body)
	}
	if len(ids) == 0 {
		ids = []string{c.stack.PubSub.Publish(local.RequestsTopic, body, attributes)}
	}
	done(w, "Published to the topic %s: message %s.", local.RequestsTopic, strings.Join(ids, ", "))
}

// redeliver delivers an event once more.
func (c *Console) redeliver(w http.ResponseWriter, r *http.Request) {
	d, err := c.stack.Redeliver(context.WithoutCancel(r.Context()), r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	c.Delivery(d)
	if d.Err != nil {
		http.Error(w, d.Err.Error(), http.StatusBadGateway)
		return
	}
	done(w, "Message %s delivered again: answered %d %s.", d.MessageID, d.Status, http.StatusText(d.Status))
}

// redrive tries a failed request or a dead letter again, as 'eeexport redrive'
// does, and takes it from the subscription by which that would find it.
func (c *Console) redrive(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	c.mu.Lock()
	m := c.state.message(id)
	c.mu.Unlock()
	published := c.stack.PubSub.Server().Message(id)
	if m == nil || published == nil {
		http.NotFound(w, r)
		return
	}
	again := redrive.Again(&pubsubpb.PubsubMessage{Data: published.Data, Attributes: published.Attributes})
	if again == nil {
		http.Error(w, "This message is not a failed request.", http.StatusConflict)
		return
	}
	as := c.stack.PubSub.Publish(local.RequestsTopic, again.Data, again.Attributes)
	if _, err := c.stack.PubSub.Acknowledge(m.Topic, id); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	c.mu.Lock()
	m.RedrivenAs = as
	c.send("message", m)
	c.mu.Unlock()
	done(w, "Message %s is on the topic %s again, as message %s.", id, local.RequestsTopic, as)
}

// finish ends an Operation: as failed or as cancelled.
func (c *Console) finish(state eetest.State) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		if err := c.stack.EarthEngine.Finish(name, state); err != nil {
			http.Error(w, strings.TrimPrefix(err.Error(), "eetest: "), http.StatusConflict)
			return
		}
		done(w, "Operation %s: %s.", path.Base(name), state)
	}
}

// clear forgets what has ended, and shows every page what is left.
func (c *Console) clear(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.clear()
	c.send("snapshot", c.snapshot())
	done(w, "Cleared.")
}

// arm adds faults of a kind.
func (c *Console) arm(w http.ResponseWriter, r *http.Request) {
	kind := slices.IndexFunc(faultKinds[:], func(k faultKind) bool { return k.ID == r.PathValue("kind") })
	times, err := strconv.Atoi(r.URL.Query().Get("times"))
	if kind < 0 || err != nil || times < 1 || times > maxArmed {
		http.Error(w, fmt.Sprintf("name a fault, and times from 1 to %d", maxArmed), http.StatusBadRequest)
		return
	}
	c.armed.add(kind, times)
	done(w, "%s: %d to come.", faultKinds[kind].Label, c.armed.counts()[kind])
}

// disarm removes all faults.
func (c *Console) disarm(w http.ResponseWriter, _ *http.Request) {
	c.armed.clear()
	done(w, "All faults were removed.")
}

func readBody(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSendBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, fmt.Sprintf("at most %d bytes can be sent from here", maxSendBytes), http.StatusRequestEntityTooLarge)
	}
	return body, err == nil
}
