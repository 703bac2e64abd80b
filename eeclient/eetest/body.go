package eetest

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// readBody reads and records the body. Unless it is recorded, its memory is reused
// after free.
func (s *Server) readBody(c *call) (free func(), refusal *apiError) {
	free = func() {}
	limit := s.meter.quotas.PayloadBytes
	tooLarge := &apiError{http: http.StatusBadRequest,
		message: "Request payload size exceeds the limit: " + strconv.Itoa(limit) + " bytes."}
	size := c.r.ContentLength
	if limit >= 0 && size > int64(limit) {
		drain(c.r.Body)
		return free, tooLarge
	}
	var buf *bytes.Buffer
	if size >= 0 && s.log.keeps(int(size)) {
		// With room for one more read, ReadFrom finds the end without growing.
		buf = bytes.NewBuffer(make([]byte, 0, int(size)+bytes.MinRead))
	} else {
		buf, _ = s.bodies.Get().(*bytes.Buffer)
		if buf == nil {
			buf = new(bytes.Buffer)
		}
		buf.Reset()
		free = func() { s.bodies.Put(buf) }
	}
	var body io.Reader = c.r.Body
	if limit >= 0 {
		body = io.LimitReader(body, int64(limit)+1)
	}
	if _, err := buf.ReadFrom(body); err != nil {
		// The client hung up.
		panic(http.ErrAbortHandler)
	}
	if limit >= 0 && buf.Len() > limit {
		drain(c.r.Body)
		return free, tooLarge
	}
	c.body = buf.Bytes()
	if s.log.keeps(len(c.body)) {
		free = func() {}
		s.log.keep(c.record.content, c.body)
	}
	return free, nil
}

// drain reads the rest of a body, up to a limit: a client that is still sending
// would see a broken connection instead of the refusal.
func drain(body io.Reader) {
	io.Copy(io.Discard, io.LimitReader(body, 64<<20))
}
