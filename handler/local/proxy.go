package local

import (
	"io"
	"net"
	"sync"
)

// Proxy is a TCP proxy whose connections can go silent, as on a network that
// drops every packet: what is sent never arrives, and neither side gets an error.
// Keepalives exist to notice that.
type Proxy struct {
	listener  net.Listener
	accepting sync.WaitGroup

	mu       sync.Mutex
	silences int // so far
	conns    []net.Conn
}

// NewProxy starts a proxy on a free port of the loopback interface that forwards
// to target, a host:port.
func NewProxy(target string) (*Proxy, error) {
	listener, err := listen(0)
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener}
	p.accepting.Go(func() { p.accept(target) })
	return p, nil
}

// Addr returns the host:port of the proxy.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Silence makes all present connections silent for ever, as after a router has
// forgotten them. New ones are forwarded.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silences++
}

// Close cuts all connections.
func (p *Proxy) Close() {
	p.listener.Close()
	p.accepting.Wait()
	for _, conn := range p.conns {
		conn.Close()
	}
}

func (p *Proxy) accept(target string) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := net.Dial("tcp", target)
		if err != nil {
			client.Close()
			continue
		}
		p.conns = append(p.conns, client, server)
		p.mu.Lock()
		silences := p.silences
		p.mu.Unlock()
		go direction{p, server, silences}.forward(client)
		go direction{p, client, silences}.forward(server)
	}
}

// direction is one direction of a connection. It goes silent with the first
// Silence after its start.
type direction struct {
	proxy    *Proxy
	to       net.Conn
	silences int
}

// forward copies until either side ends the connection. The end of a silent one
// is swallowed too.
func (d direction) forward(from net.Conn) {
	_, _ = io.Copy(d, from) // any end is the end
	if !d.silent() {
		d.to.Close()
	}
}

// Write implements [io.Writer].
func (d direction) Write(b []byte) (int, error) {
	if d.silent() {
		return len(b), nil
	}
	return d.to.Write(b)
}

func (d direction) silent() bool {
	d.proxy.mu.Lock()
	defer d.proxy.mu.Unlock()
	return d.proxy.silences != d.silences
}
