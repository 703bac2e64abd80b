package eetest

import (
	"context"
	"net"
	"sync"
)

// memoryListener is a net.Listener whose connections are pipes. (Those of
// bufconn may time out a read whose deadline was lifted, as net/http does.)
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
	close  sync.Once
}

// Accept implements [net.Listener].
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *memoryListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (l *memoryListener) Addr() net.Addr {
	return &net.UnixAddr{Name: "earthengine.test:80", Net: "pipe"} // never resolved
}

// dial connects to the listener and ignores the address.
func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
