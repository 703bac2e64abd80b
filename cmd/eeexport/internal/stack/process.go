package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"syscall"
	"time"
)

const (
	// startTimeout is how long a function may take until it accepts requests.
	startTimeout = 15 * time.Second
	// stopTimeout is how long it may take to finish what it has under way.
	stopTimeout = 10 * time.Second
)

// process is one function, served by a process of its own as when it is
// deployed.
//
// It holds the reading end of a pipe as its standard input, and ends when that
// does: so it never outlives this process, however this one ends.
type process struct {
	name string
	addr string // host:port
	cmd  *exec.Cmd
	pipe io.Closer
	done chan struct{} // closed when it has ended
	err  error         // how it ended; to be read when done is closed
}

// startProcess starts the function and returns at once. The environment is all
// that it gets: nothing of this process's own.
func startProcess(name, addr string, command, env []string, log io.Writer) (*process, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = log, log
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, addr: addr, cmd: cmd, pipe: pipe, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// accepting waits until the function accepts connections.
func (p *process) accepting(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// The framework does not tell when it listens: it has to be tried.
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.done:
			return p.ended()
		case <-ctx.Done():
			return fmt.Errorf("%s does not accept connections on %s: %w", p.name, p.addr, err)
		case <-retry.C:
		}
	}
}

// ended is the error of a process that has ended and should not have.
func (p *process) ended() error {
	if p.err == nil {
		return fmt.Errorf("%s has ended", p.name)
	}
	return fmt.Errorf("%s has ended: %w", p.name, p.err)
}

// stop ends the process as the platform does: SIGTERM, and what does not end by
// that is killed.
func (p *process) stop() error {
	p.pipe.Close()
	// Where there is no such signal, the end of its input has told it.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.err
	case <-time.After(stopTimeout):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end within %v and was killed", p.name, stopTimeout)
	}
}

// reserve finds out the addresses of free ports of the loopback interface, all
// different. A port that is not 0 must be free.
func reserve(ports ...int) (addrs []string, err error) {
	for _, port := range ports {
		l, err := listen(port)
		if err != nil {
			return nil, err
		}
		defer l.Close() // when all have been found, so that none is found twice
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}

// listen listens on a port of the loopback interface; on any free one for 0.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use", port)
	}
	return l, err
}

// newLocalClient returns an HTTP client for the functions.
func newLocalClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
}
