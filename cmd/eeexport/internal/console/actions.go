package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// maxSendBytes is the largest request that can be sent, larger than what the
// functions take: their refusal is to be seen.
const maxSendBytes = 12 << 20

// executionIDHeader is how the platform tells a function the ID of an execution,
// which the log line of an HTTP request then has.
const executionIDHeader = "Function-Execution-Id"

// done is the answer to an action: a sentence for the status line.
func done(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, format, args...)
}

// example answers with one of the real requests, as new.
func (c *Console) example(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(requests.Names(), name) {
		http.NotFound(w, r)
		return
	}
	done(w, "%s", renew(requests.Get(name)))
}

// renew answers with the request that was sent, under an ID of its own.
func (c *Console) renew(w http.ResponseWriter, r *http.Request) {
	if body, ok := readBody(w, r); ok {
		done(w, "%s", renew(body))
	}
}

// send sends the body, as it is, by one of the triggers.
func (c *Console) send(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	// What has been sent is on its way, though the page may be closed.
	ctx := context.WithoutCancel(r.Context())
	switch trigger := r.PathValue("trigger"); trigger {
	case "http":
		code, err := c.sendHTTP(ctx, body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		done(w, "Sent by HTTP: answered %d %s.", code, http.StatusText(code))
	case "event":
		id := c.stack.PubSub.Publish(local.RequestsTopic, body, nil)
		done(w, "Published to the topic %s: message %s.", local.RequestsTopic, id)
	default:
		http.NotFound(w, r)
	}
}

// sendHTTP calls ExportClassifier and notes the answer.
func (c *Console) sendHTTP(ctx context.Context, body []byte) (int, error) {
	id := uuid.NewString()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.stack.HTTPURL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(executionIDHeader, id)
	c.attempt(id, func(*attempt) {})
	code, answer, err := c.call(req)
	c.attempt(id, func(a *attempt) { a.answered(code, answer, err) })
	return code, err
}

// attempt changes what is known of an HTTP request.
func (c *Console) attempt(execution string, change func(*attempt)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.state.request("execution "+execution, "http")
	change(c.state.attempt(r, execution))
	c.tell("request", r)
}

func (c *Console) call(req *http.Request) (int, []byte, error) {
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, answer, err
}

// redeliver has an event delivered once more.
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

// arm adds a fault to those still to come.
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

// disarm takes all faults back.
func (c *Console) disarm(w http.ResponseWriter, _ *http.Request) {
	c.armed.clear()
	done(w, "No fault is to come.")
}

// messageData answers with what a message holds: JSON is indented, and what is
// no text is told as such.
func (c *Console) messageData(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	m, ok := c.state.messages.get(r.PathValue("id"))
	c.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	var indented bytes.Buffer
	switch {
	case m.Bytes > len(m.data):
		done(w, "%s\n… the first %d of %d bytes", bytes.ToValidUTF8(m.data, nil), len(m.data), m.Bytes)
	case json.Indent(&indented, m.data, "", "  ") == nil:
		done(w, "%s", &indented)
	case utf8.Valid(m.data):
		done(w, "%s", m.data)
	default:
		done(w, "%q", m.data)
	}
}

func readBody(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSendBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, fmt.Sprintf("at most %d bytes can be sent from here", maxSendBytes), http.StatusRequestEntityTooLarge)
	}
	return body, err == nil
}
