package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a process that runs the command in a pseudo-terminal, and what
// its screen shows.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{} // closed when there is no more output

	mu     sync.Mutex
	output strings.Builder
}

// startTerminal runs the command in a terminal of the given width.
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
			term.output.Write(buf[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return term
}

// text returns what the screen shows, without spaces at the end of lines.
func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return render(term.output.String())
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

// tokens matches an escape sequence, a control or a text.
var tokens = regexp.MustCompile(`\x1b\[(\d*)([A-Za-z])|[\r\n]|[^\x1b\r\n]+`)

// render returns what a screen shows after an output, without spaces at the
// ends of lines. It is as much of a terminal as progress bars need.
func render(output string) string {
	var lines [][]rune
	row, column := 0, 0
	for _, token := range tokens.FindAllStringSubmatch(output, -1) {
		text := token[0]
		switch {
		case text == "\r":
			column = 0
			continue
		case text == "\n":
			row++
			continue
		case token[2] == "A": // up
			n, _ := strconv.Atoi(token[1])
			row = max(0, row-n)
			continue
		case text == "\x1b[J": // erase from the cursor to the end of the screen
			lines = lines[:min(row, len(lines))]
			continue
		case token[2] != "":
			text = strconv.Quote(text) // the golden file will show it
		}
		for len(lines) <= row {
			lines = append(lines, nil)
		}
		for _, r := range text {
			for len(lines[row]) <= column {
				lines[row] = append(lines[row], ' ')
			}
			lines[row][column] = r
			column++
		}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return b.String()
}
