package eeclient

import (
	"io"
	"net/http"
)

// segments is a request body in pieces that are sent one after the other and
// never joined: what is written around an expression, and the expression's own
// bytes.
type segments [3][]byte

func (s segments) size() (n int64) {
	for _, part := range s {
		n += int64(len(part))
	}
	return n
}

// attach makes s the body of req, also for an attempt that the transport makes
// again by itself.
func (s segments) attach(req *http.Request) {
	req.ContentLength = s.size()
	if req.ContentLength == 0 {
		req.Body = http.NoBody
		return
	}
	req.GetBody = func() (io.ReadCloser, error) { return &segmentReader{rest: s}, nil }
	req.Body, _ = req.GetBody()
}

// segmentReader reads segments once.
type segmentReader struct {
	rest segments
	at   int
}

// Read implements [io.Reader].
func (r *segmentReader) Read(p []byte) (n int, err error) {
	for r.at < len(r.rest) {
		m := copy(p[n:], r.rest[r.at])
		n += m
		r.rest[r.at] = r.rest[r.at][m:]
		if len(r.rest[r.at]) > 0 {
			return n, nil
		}
		r.at++
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close implements [io.Closer].
func (r *segmentReader) Close() error { return nil }
