package stack

import (
	"bytes"
	"io"
	"sync"
)

// maxLogLines is how much of the functions' log is kept.
const maxLogLines = 500

// functionLog gathers the log lines of all functions, each under its name.
type functionLog struct {
	mu    sync.Mutex
	lines [][]byte // the newest
	also  io.Writer
}

// writer returns the writer of one function.
func (l *functionLog) writer(name string) io.Writer {
	return &lineWriter{log: l, prefix: []byte(name + ": ")}
}

func (l *functionLog) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > maxLogLines {
		l.lines = l.lines[1:]
	}
	if l.also != nil {
		l.also.Write(line)
	}
}

// bytes returns what is kept.
func (l *functionLog) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Join(l.lines, nil)
}

// lineWriter passes whole lines on to the log. One process writes to it.
type lineWriter struct {
	log    *functionLog
	prefix []byte
	rest   []byte
}

// Write implements [io.Writer].
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		w.log.add(append(bytes.Clone(w.prefix), w.rest[:end]...))
		w.rest = w.rest[end:]
	}
}
