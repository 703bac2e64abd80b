package eeclient

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
)

// A body is what a call sends: parts, in order and never joined.
//
// A transport may go on reading a body after RoundTrip has returned (see
// [net/http.RoundTripper]), as when a server answers before it has read
// everything. Closing the body stops that, so the parts may change once the call
// has returned.
type body struct {
	parts net.Buffers

	mu     sync.Mutex // held while bytes are read
	closed bool
}

func (b *body) len() (n int64) {
	for _, part := range b.parts {
		n += int64(len(part))
	}
	return n
}

// open returns a reader of the whole body. Each attempt takes one, and so does a
// transport that repeats a request by itself.
func (b *body) open() (io.ReadCloser, error) {
	return io.NopCloser(&bodyReader{b, slices.Clone(b.parts)}), nil
}

func (b *body) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// A bodyReader is one reader of a body. It is not an io.WriterTo, which would
// hold the lock while the network is slow.
type bodyReader struct {
	*body
	rest net.Buffers // emptied by reading
}

var errBodyClosed = errors.New("the call has ended")

func (r *bodyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errBodyClosed
	}
	return r.rest.Read(p)
}
