package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// startTimeout is how long a function may take until it accepts connections.
	startTimeout = 30 * time.Second
	// stopTimeout is how long it may take to finish what it has under way.
	stopTimeout = 10 * time.Second
	// dialInterval is how often a connection to a starting function is tried:
	// the Functions Framework does not say when it listens.
	dialInterval = 500 * time.Microsecond
)

// Command is a program that serves one function, as [Serve] does.
type Command struct {
	// Args are the program and its arguments.
	Args []string
	// Target is the name of the function: its FUNCTION_TARGET.
	Target string
	// Port is on the loopback interface; 0 is any free one.
	Port int
	// Env is the environment of the process besides FUNCTION_TARGET and PORT.
	// Nothing is inherited.
	Env []string
	// Log receives what the process writes; nil discards it.
	Log io.Writer
	// OnExchange is called with the function's exchanges, if it is not nil.
	OnExchange func(Exchange)
}

// Process is a function that is served by a process of its own, as when it is
// deployed.
//
// The process holds the reading end of a pipe as its standard input. [Serve]
// ends with that, so a function never outlives the process that started it.
type Process struct {
	// URL is where the function is served, without a path.
	URL string

	target string
	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{}
	err    error // how it exited; set before exited is closed
}

// Start starts the command and returns when it accepts connections.
func (c Command) Start(ctx context.Context) (*Process, error) {
	addr, lock, err := reserve(c.Port)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Target, err)
	}
	p := &Process{URL: "http://" + addr, target: c.Target, cmd: exec.Command(c.Args[0], c.Args[1:]...), exited: make(chan struct{})}
	_, port, _ := net.SplitHostPort(addr)
	p.cmd.Env = append([]string{"FUNCTION_TARGET=" + c.Target, "PORT=" + port}, c.Env...)
	p.cmd.Stdout, p.cmd.Stderr = c.Log, c.Log
	if c.OnExchange != nil {
		p.cmd.Env = append(p.cmd.Env, recordVariable+"=1")
		p.cmd.Stdout = readExchanges(c.OnExchange, c.Log)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("start %s: %w", c.Target, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		lock.Close()
		close(p.exited)
	}()
	if err := p.awaitServer(ctx, addr); err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// awaitServer returns when the process accepts connections.
func (p *Process) awaitServer(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	retry := time.NewTicker(dialInterval)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.exited:
			return p.Err()
		case <-ctx.Done():
			return fmt.Errorf("%s does not accept connections on %s: %w", p.target, addr, err)
		case <-retry.C:
		}
	}
}

// PID returns the process's ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Err waits for the process to exit and returns an error that says how: nobody
// expects a function to end by itself.
func (p *Process) Err() error {
	<-p.exited
	if p.err == nil {
		return fmt.Errorf("%s has ended", p.target)
	}
	return fmt.Errorf("%s has ended: %w", p.target, p.err)
}

// Kill ends the process as SIGKILL does: at once, in the middle of anything.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have exited
	<-p.exited
	p.stdin.Close()
}

// Terminate sends SIGTERM, as the platform does before it takes an instance
// away, and does not wait.
func (p *Process) Terminate() error { return p.cmd.Process.Signal(syscall.SIGTERM) }

// Stop ends the process as the platform does: it terminates it, and kills it if
// it has not exited in time.
func (p *Process) Stop() error {
	p.stdin.Close()
	_ = p.Terminate() // the end of its input ends it too, even on a system without the signal
	select {
	case <-p.exited:
		if p.err != nil {
			return p.Err()
		}
		return nil
	case <-time.After(stopTimeout):
		p.Kill()
		return fmt.Errorf("%s did not end within %v and was killed", p.target, stopTimeout)
	}
}

// Wait waits for the process to exit and returns its exit status.
func (p *Process) Wait() int {
	<-p.exited
	return p.cmd.ProcessState.ExitCode()
}

// PeakMemory returns the most memory, in bytes, that the process has had resident
// since it began. It reads /proc, while the process runs.
func (p *Process) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("the system does not report the process's peak memory")
}

// Ports of functions are taken from below the range from which systems take those
// of connections and of listeners on port 0. Each process begins at another port
// of the range, and wraps around.
const (
	firstPort = 20_000
	numPorts  = 12_000
	portsEach = 211 // of a process, until the next process's may follow
)

var portsTaken atomic.Int64

// reserve returns an address on the loopback interface that nobody listens on:
// that of the port, or of a free one if the port is 0. A function cannot be
// handed a socket, so somebody else could take the port before it does. The UDP
// socket on a free port keeps others who reserve ports from it until it is closed.
func reserve(port int) (addr string, lock io.Closer, err error) {
	if port != 0 {
		addr, err = unused(port)
		return addr, io.NopCloser(nil), err
	}
	for range numPorts {
		try := firstPort + (os.Getpid()*portsEach+int(portsTaken.Add(1)))%numPorts
		if lock, err = net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", try)); err != nil {
			continue
		}
		if addr, err = unused(try); err == nil {
			return addr, lock, nil
		}
		lock.Close()
	}
	return "", nil, err
}

// unused returns the address of a port on which nobody listens.
func unused(port int) (string, error) {
	listener, err := listen(port)
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// listen listens on a port of the loopback interface; 0 is any free one.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use", port)
	}
	return l, err
}
