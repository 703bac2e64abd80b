package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"unicode/utf8"

	"example.com/eeexport/handler/local"
)

// messageData answers with the data of a message.
func (c *Console) messageData(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	m := c.state.message(r.PathValue("id"))
	c.mu.Unlock()
	if m == nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, newContent(m.data, m.Bytes))
}

// exchange answers with a request to a function and its answer.
func (c *Console) exchange(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	_, a := c.state.find(r.PathValue("execution"))
	var e *local.Exchange
	if a != nil {
		e = a.exchange
	}
	c.mu.Unlock()
	if e == nil {
		http.NotFound(w, r)
		return
	}
	base := c.stack.HTTPURL
	if e.Target == local.EventTarget {
		base = c.stack.EventURL
	}
	writeJSON(w, struct {
		Method       string      `json:"method"`
		URL          string      `json:"url"`
		Header       http.Header `json:"header"`
		Body         content     `json:"body"`
		Status       int         `json:"status"`
		AnswerHeader http.Header `json:"answerHeader"`
		Answer       content     `json:"answer"`
	}{e.Method, base + e.URI, e.Header, newContent(e.Body, e.Bytes), e.Status, e.AnswerHeader, newContent(e.Answer, len(e.Answer))})
}

// content is a body as the page shows it.
type content struct {
	// Text is what is kept of it. Shown is the same, with JSON indented.
	Text  string `json:"text"`
	Shown string `json:"shown"`
	// Whole: it is all there, and text, so that it can be sent again.
	Whole bool `json:"whole"`
	Bytes int  `json:"bytes"`
}

func newContent(data []byte, bytes int) content {
	text := string(data)
	return content{Text: text, Shown: shown(data), Whole: len(data) == bytes && utf8.Valid(data), Bytes: bytes}
}

// shown indents JSON, numbers as they were.
func shown(data []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, data, "", "  ") == nil {
		return indented.String()
	}
	return string(bytes.ToValidUTF8(data, []byte("\uFFFD")))
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value) // the page may be gone
}
