// Package tty writes text for people. It sanitizes what others wrote, colours
// states, and fits tables and bars to the terminal's width.
//
//	out := tty.NewWriter(os.Stdout)
//	fmt.Fprintf(out, "%s\n", description)          // sanitized
//	out.Print(tty.Green.Of("ok"), tty.Plain.Of("\n")) // coloured on a terminal
package tty

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"example.com/eeexport/eeclient/text"
)

// ColorModes are what [Writer.SetColor] accepts.
var ColorModes = []string{"auto", "always", "never"}

// Writer sanitizes what is written to it, so that it cannot control the terminal.
// Only [Writer.Print] adds colours.
type Writer struct {
	out   io.Writer
	color bool
}

// NewWriter returns a Writer whose colour mode is auto.
func NewWriter(out io.Writer) *Writer {
	w := &Writer{out: out}
	w.color = w.autoColor()
	return w
}

// Write writes p as [text.Sanitize] returns it. It reports len(p) on success.
func (w *Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.out, text.Sanitize(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Print writes spans, each sanitized and then in its style.
func (w *Writer) Print(spans ...Span) error {
	_, err := io.WriteString(w.out, w.render(spans))
	return err
}

func (w *Writer) render(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		clean := text.Sanitize(s.Text)
		if w.color && s.Style != Plain {
			clean = fmt.Sprintf("\x1b[%sm%s\x1b[0m", s.Style, clean)
		}
		b.WriteString(clean)
	}
	return b.String()
}

// SetColor sets when styles become colours: always, never, or, with auto, on a
// terminal unless NO_COLOR (https://no-color.org) is set.
func (w *Writer) SetColor(mode string) error {
	switch mode {
	case "auto":
		w.color = w.autoColor()
	case "always", "never":
		w.color = mode == "always"
	default:
		return fmt.Errorf("%s is not one of %s", text.Quote(mode), strings.Join(ColorModes, ", "))
	}
	return nil
}

func (w *Writer) autoColor() bool { return w.IsTerminal() && os.Getenv("NO_COLOR") == "" }

// IsTerminal reports whether the output is a terminal that can move its cursor.
func (w *Writer) IsTerminal() bool {
	file, ok := w.out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// Size returns the columns and rows of the terminal; 0 and 0 if there is none.
func (w *Writer) Size() (columns, rows int) {
	file, ok := w.out.(*os.File)
	if !ok {
		return 0, 0
	}
	columns, rows, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}
