package eetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
)

// answer is the answer to a request.
type answer struct {
	status   int
	body     []byte
	header   http.Header // its Content-Type is application/json if not set
	truncate bool
}

func (a *answer) set(key, value string) {
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Set(key, value)
}

// write sends the whole answer, so that Close cannot cut it off. It ends the
// call's use of the quota first, so that a client that keeps to the quota of
// concurrent requests is never refused.
func (s *Server) write(w http.ResponseWriter, c *call, a *answer) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	maps.Copy(h, a.header)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	s.log.answered(c.record, a.status)
	c.leave()
	w.WriteHeader(a.status)
	body := a.body
	if a.truncate {
		body = body[:len(body)/2]
	}
	_, err := w.Write(body)
	if err := errors.Join(err, http.NewResponseController(w).Flush()); err != nil || a.truncate {
		panic(http.ErrAbortHandler)
	}
}

// marshal indents, as Google's servers do by default, and does not escape <, >
// and &, so that a description reads the same in the answer as in the request.
func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic(err) // every answer can be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
