package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a process that runs the command in a pseudo-terminal, and what
// stands on its screen.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{} // closed when there is no more output

	mu     sync.Mutex
	screen screen
}

// startTerminal runs the command in a terminal of so many columns.
func startTerminal(t *testing.T, columns int, args ...string) *terminal {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "GORACE=atexit_sleep_ms=0")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: uint16(columns)})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{})}
	t.Cleanup(func() {
		cmd.Process.Kill()
		tty.Close()
		<-term.done
	})
	go func() {
		defer close(term.done)
		buf := make([]byte, 4096)
		for {
			// When the process has ended, Linux makes this an EIO.
			n, err := tty.Read(buf)
			term.mu.Lock()
			term.screen.write(string(buf[:n]))
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return term
}

// text returns what stands on the screen, without spaces at the end of lines.
func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.screen.String()
}

// await waits until the screen is like the pattern and stays so for a moment, as
// it does when it has been drawn to the end, and returns it.
func (term *terminal) await(pattern string) string {
	term.t.Helper()
	want := regexp.MustCompile(pattern)
	before := ""
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		text := term.text()
		if text == before && want.MatchString(text) {
			return text
		}
		before = text
		if time.Now().After(deadline) {
			term.t.Fatalf("the screen does not come to be like %s:\n%s", pattern, text)
		}
	}
}

// press types keys.
func (term *terminal) press(keys string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

// wait waits for the end of the process, and returns its exit status and the
// last screen.
func (term *terminal) wait() (status int, text string) {
	term.t.Helper()
	<-term.done
	term.cmd.Wait()
	return term.cmd.ProcessState.ExitCode(), term.text()
}

// screen is as much of a terminal as progress bars need.
type screen struct {
	lines    []string
	row      int
	column   int
	sequence string // an escape sequence that is not yet complete
}

var (
	wholeSequence = regexp.MustCompile(`^\x1b\[[0-9;?]*[A-Za-z]`)
	cursorUp      = regexp.MustCompile(`^\x1b\[(\d+)A$`)
)

func (s *screen) write(text string) {
	for text = s.sequence + text; text != ""; {
		if text[0] != '\x1b' {
			r, rest := text, ""
			if i := strings.IndexByte(text, '\x1b'); i >= 0 {
				r, rest = text[:i], text[i:]
			}
			s.print(r)
			text = rest
			continue
		}
		sequence := wholeSequence.FindString(text)
		if sequence == "" {
			break
		}
		s.obey(sequence)
		text = text[len(sequence):]
	}
	s.sequence = text
}

func (s *screen) obey(sequence string) {
	if up := cursorUp.FindStringSubmatch(sequence); up != nil {
		var n int
		fmt.Sscan(up[1], &n)
		s.row = max(0, s.row-n)
		return
	}
	switch sequence {
	case "\x1b[J": // erase from the cursor to the end of the screen
		s.lines = s.lines[:min(s.row, len(s.lines))]
	default:
		s.print(fmt.Sprintf("%q", sequence)) // the golden file will tell
	}
}

func (s *screen) print(text string) {
	for _, r := range text {
		switch r {
		case '\r':
			s.column = 0
		case '\n':
			s.row++
		default:
			for len(s.lines) <= s.row {
				s.lines = append(s.lines, "")
			}
			line := []rune(s.lines[s.row])
			for len(line) <= s.column {
				line = append(line, ' ')
			}
			line[s.column] = r
			s.lines[s.row] = string(line)
			s.column++
		}
	}
}

// String returns the lines, without spaces at their ends.
func (s *screen) String() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
