package local

import (
	"net"
	"sync"
)

// Proxy is a TCP proxy that can go silent, as a network does that drops every
// packet: what is sent never arrives, and neither side gets an error. Keepalives
// exist to notice that.
type Proxy struct {
	listener net.Listener
	target   string

	mu       sync.Mutex
	lifted   sync.Cond // when silent or closed changes
	silent   bool
	silences int // so far
	closed   bool
	conns    []net.Conn
}

// NewProxy starts a proxy on a free port of the loopback interface that forwards
// to target, a host:port.
func NewProxy(target string) (*Proxy, error) {
	listener, err := listen(0)
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target}
	p.lifted.L = &p.mu
	go p.accept()
	return p, nil
}

// Addr returns the host:port of the proxy.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Silence stops forwarding in both directions. Connections stay open, and new
// ones are accepted.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
	p.silences++
}

// Resume forwards new connections again. Those that were open before stay
// silent, as after a router has forgotten them.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = false
	p.lifted.Broadcast()
}

// Close cuts all connections.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.lifted.Broadcast()
	for _, conn := range p.conns {
		conn.Close()
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		go p.forward(client)
	}
}

// forward serves one connection until either side ends it.
func (p *Proxy) forward(client net.Conn) {
	if !p.keep(client) {
		return
	}
	defer client.Close()
	silences, ok := p.await()
	if !ok {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.keep(server) {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, silences) })
	both.Go(func() { p.copy(client, server, silences) })
	both.Wait()
}

// keep notes a connection to be cut by Close, and reports whether that is still
// to come.
func (p *Proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		conn.Close()
		return false
	}
	p.conns = append(p.conns, conn)
	return true
}

// await waits until the proxy forwards a new connection. It returns how often
// the proxy has gone silent so far, and reports whether it forwards: it does not
// once it is closed.
func (p *Proxy) await() (silences int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.silent && !p.closed {
		p.lifted.Wait()
	}
	return p.silences, !p.closed
}

// copy forwards one direction of a connection that began after so many silences.
// When another one begins, what arrives is swallowed, the end of the connection
// included.
func (p *Proxy) copy(to, from net.Conn, silences int) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		swallowed := p.silences != silences && !p.closed
		p.mu.Unlock()
		if swallowed {
			if err != nil {
				return
			}
			continue
		}
		if _, writeErr := to.Write(buf[:n]); err != nil || writeErr != nil {
			to.Close()
			return
		}
	}
}
