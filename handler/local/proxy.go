package local

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy is a TCP proxy whose connections can go silent, as on a network that
// drops every packet: what is sent never arrives, and neither side gets an error.
// Keepalives exist to notice that.
type Proxy struct {
	listener  net.Listener
	accepting sync.WaitGroup
	conns     []net.Conn
	// silent is shared by the connections since the last Silence; the next one sets
	// it.
	silent atomic.Pointer[atomic.Bool]
}

// NewProxy starts a proxy on a free port of the loopback interface that forwards
// to target, a host:port.
func NewProxy(target string) (*Proxy, error) {
	listener, err := listen(0)
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener}
	p.silent.Store(new(atomic.Bool))
	p.accepting.Go(func() { p.accept(target) })
	return p, nil
}

// Addr returns the host:port of the proxy.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Silence makes all present connections silent for ever, as after a router has
// forgotten them. New ones are forwarded.
func (p *Proxy) Silence() { p.silent.Swap(new(atomic.Bool)).Store(true) }

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
		silent := p.silent.Load()
		go direction{server, silent}.forward(client)
		go direction{client, silent}.forward(server)
	}
}

// direction is one direction of a connection.
type direction struct {
	to     net.Conn
	silent *atomic.Bool
}

// forward copies until either side ends the connection. The end of a silent one
// is swallowed too.
func (d direction) forward(from net.Conn) {
	_, _ = io.Copy(d, from) // any end is the end
	if !d.silent.Load() {
		d.to.Close()
	}
}

// Write implements [io.Writer].
func (d direction) Write(b []byte) (int, error) {
	if d.silent.Load() {
		return len(b), nil
	}
	return d.to.Write(b)
}
