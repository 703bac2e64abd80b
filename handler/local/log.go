package local

import (
	"bytes"
	"io"
	"sync"
)

// maxLogLines is how many lines a functionsLog keeps.
const maxLogLines = 500

// functionsLog gathers the newest log lines of several functions, each under its
// name.
type functionsLog struct {
	next io.Writer // also receives each line, in a Write of its own; may be nil

	mu    sync.Mutex
	lines [][]byte // the newest
}

// writer returns the writer of one function.
func (l *functionsLog) writer(name string) io.Writer {
	return &lineWriter{line: func(line []byte) {
		l.mu.Lock()
		defer l.mu.Unlock()
		line = append([]byte(name+": "), line...)
		l.lines = append(l.lines, line)
		if len(l.lines) > maxLogLines {
			l.lines = l.lines[1:]
		}
		if l.next != nil {
			l.next.Write(line)
		}
	}}
}

// bytes returns what is kept.
func (l *functionsLog) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Join(l.lines, nil)
}

// lineWriter passes on what one process writes, line by line.
type lineWriter struct {
	line func([]byte)
	rest []byte
}

// Write implements [io.Writer].
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		w.line(w.rest[:end])
		w.rest = w.rest[end:]
	}
}
