package eetest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
)

// Earth Engine documents no page sizes. Its own client asks for 500.
const (
	defaultPageSize = 100
	maxPageSize     = 500
)

func (s *Server) getOperation(c *call) *answer {
	op, ok := s.store.visible(c.operation)
	if !ok {
		return operationNotFound(c.operation).answer()
	}
	op.version = c.version
	return &answer{status: http.StatusOK, body: op.JSON()}
}

func (s *Server) cancelOperation(c *call) *answer {
	if body := bytes.TrimSpace(c.body); len(body) > 0 && string(body) != "{}" {
		return invalidArgument(fieldViolation{Description: "The request body must be empty."}).answer()
	}
	if refusal := s.store.cancel(c.operation); refusal != nil {
		return refusal.answer()
	}
	return &answer{status: http.StatusOK, body: []byte("{}")}
}

// pageToken is the position in a list. It names the project, and is refused for
// another.
type pageToken struct {
	Project string `json:"p"`
	After   int    `json:"a"`
}

func (s *Server) listOperations(c *call) *answer {
	values := c.r.URL.Query()
	if values.Get("filter") != "" {
		return invalidArgument(fieldViolation{"filter", "filter: Earth Engine documents no filter, so the stand-in has none."}).answer()
	}
	size := defaultPageSize
	if v := cmp.Or(values.Get("pageSize"), values.Get("page_size")); v != "" {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 0 {
			return invalidArgument(fieldViolation{"pageSize", "Invalid value at 'page_size' (TYPE_INT32), " + strconv.Quote(v)}).answer()
		}
		if n > 0 {
			size = min(int(n), maxPageSize)
		}
	}
	token := pageToken{Project: c.project, After: -1}
	if v := cmp.Or(values.Get("pageToken"), values.Get("page_token")); v != "" {
		b, err := base64.RawURLEncoding.DecodeString(v)
		if err != nil || json.Unmarshal(b, &token) != nil || token.Project != c.project || token.After < 0 {
			return invalidArgument(fieldViolation{"pageToken", "pageToken: Invalid page token."}).answer()
		}
	}
	ops, next := s.store.page(c.project, token.After, size)
	var page struct {
		Operations []json.RawMessage `json:"operations,omitempty"`
		Next       string            `json:"nextPageToken,omitempty"`
	}
	for _, op := range ops {
		op.version = c.version
		page.Operations = append(page.Operations, op.JSON())
	}
	if next >= 0 {
		page.Next = base64.RawURLEncoding.EncodeToString(marshal(pageToken{c.project, next}))
	}
	return &answer{status: http.StatusOK, body: marshal(page)}
}
