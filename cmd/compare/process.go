package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is one function that is being measured.
type process struct {
	cmd  *exec.Cmd
	url  string
	addr string
	log  bytes.Buffer
}

// start runs a function, whose server is not ready yet when it returns.
func (v variant) start(env []string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(v.program), addr: addr, url: "http://" + addr + "/"}
	_, port, _ := net.SplitHostPort(addr)
	p.cmd.Env = append([]string{"PORT=" + port, "FUNCTION_TARGET=ExportClassifier", "GOMAXPROCS=2"}, env...)
	p.cmd.Stderr = &p.log
	return p, p.cmd.Start()
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // killed, as it was told to be
}

// awaitServer returns as soon as the process accepts connections.
func (p *process) awaitServer() error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Microsecond) {
		conn, err := net.Dial("tcp", p.addr)
		if err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("%s does not serve: %s", p.cmd.Path, p.log.String())
}

// export sends one request and demands a success.
func (p *process) export(client *http.Client, body []byte) error {
	resp, err := client.Post(p.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %s", p.cmd.Path, resp.StatusCode, answer)
	}
	return err
}

// tick is the unit in which Linux counts a process's processor time.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the process has used, to the tick.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The program's name, in brackets, may hold anything; utime and stime are
	// the 12th and 13th fields behind it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// peak returns the most memory that the process has had resident, in bytes.
func (p *process) peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("no VmHWM")
}
