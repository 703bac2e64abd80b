package local

import (
	"bytes"
	"io"
	"sync"
)

// maxLogLines is how many lines a Log keeps.
const maxLogLines = 500

// Log gathers the newest log lines of several functions, each under its name.
// The zero Log is usable.
type Log struct {
	// Next also receives each line, in a Write of its own; it may be nil.
	Next io.Writer

	mu    sync.Mutex
	lines [][]byte // the newest
}

// Writer returns the writer of one function.
func (l *Log) Writer(name string) io.Writer {
	return &lineWriter{log: l, prefix: []byte(name + ": ")}
}

func (l *Log) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > maxLogLines {
		l.lines = l.lines[1:]
	}
	if l.Next != nil {
		l.Next.Write(line)
	}
}

// Bytes returns what is kept.
func (l *Log) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Join(l.lines, nil)
}

// lineWriter passes whole lines on to the log. One process writes to it.
type lineWriter struct {
	log    *Log
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
