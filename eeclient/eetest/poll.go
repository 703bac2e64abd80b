package eetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
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
	after := -1
	if v := cmp.Or(values.Get("pageToken"), values.Get("page_token")); v != "" {
		position, ok := strings.CutSuffix(v, "@"+c.project)
		n, err := strconv.ParseUint(position, 10, 31)
		if err != nil || !ok {
			return invalidArgument(fieldViolation{"pageToken", "pageToken: Invalid page token."}).answer()
		}
		after = int(n)
	}
	ops, next := s.store.page(c.project, after, size)
	var page struct {
		Operations []json.RawMessage `json:"operations,omitempty"`
		Next       string            `json:"nextPageToken,omitempty"`
	}
	for _, op := range ops {
		op.version = c.version
		page.Operations = append(page.Operations, op.JSON())
	}
	if next >= 0 {
		page.Next = fmt.Sprintf("%d@%s", next, c.project) // it is refused for another project
	}
	return &answer{status: http.StatusOK, body: marshal(page)}
}
