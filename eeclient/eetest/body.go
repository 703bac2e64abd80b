package eetest

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
)

// readBody reads and records the body.
func (s *Server) readBody(c *call) *apiError {
	limit := s.meter.quotas.PayloadBytes
	if limit < 0 {
		limit = math.MaxInt - 1
	}
	tooLarge := c.r.ContentLength > int64(limit)
	if !tooLarge {
		// With room for one more read, ReadFrom finds the end without growing.
		buf := bytes.NewBuffer(make([]byte, 0, max(0, c.r.ContentLength)+bytes.MinRead))
		if _, err := buf.ReadFrom(io.LimitReader(c.r.Body, int64(limit)+1)); err != nil {
			panic(http.ErrAbortHandler) // the client hung up
		}
		c.body, tooLarge = buf.Bytes(), buf.Len() > limit
	}
	if tooLarge {
		drain(c.r.Body)
		return &apiError{http: http.StatusBadRequest,
			message: "Request payload size exceeds the limit: " + strconv.Itoa(limit) + " bytes."}
	}
	s.log.keep(c.record, c.body)
	return nil
}

// drain reads the rest of a body, up to a limit: a client that is still sending
// would see a broken connection instead of the refusal.
func drain(body io.Reader) {
	io.Copy(io.Discard, io.LimitReader(body, 64<<20))
}
