package tty

import (
	"fmt"
	"strings"
	"testing"
)

// hostile is a text that would clear a screen, write a false line and reverse
// what follows.
const hostile = "rf\x1b[2J\u009b1m\nSUCCEEDED\u202e"

func TestWriterSanitizes(t *testing.T) {
	for name, write := range map[string]func(*Writer) error{
		"text":  func(w *Writer) error { _, err := fmt.Fprintln(w, hostile); return err },
		"spans": func(w *Writer) error { return w.Print(Red.Of(hostile)) },
		"tables": func(w *Writer) error {
			return w.Table([]Column{{Title: "A"}, {Title: "B"}}, [][]Span{{Green.Of(hostile), Plain.Of(hostile)}})
		},
		"screens": func(w *Writer) error { return NewScreen(w).Draw([][]Span{{Plain.Of(Clip(hostile, 80))}}) },
	} {
		var b strings.Builder
		if err := write(NewWriter(&b)); err != nil {
			t.Fatal(err)
		}
		// A screen erases what stood there; that is its own sequence.
		got := strings.TrimPrefix(b.String(), "\r\x1b[J")
		if strings.ContainsAny(got, "\x1b\u009b\u202e\r") || !strings.Contains(got, `rf\u001b[2J`) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestColor(t *testing.T) {
	for mode, want := range map[string]string{"auto": "failed", "never": "failed", "always": "\x1b[31mfailed\x1b[0m"} {
		var b strings.Builder
		w := NewWriter(&b)
		if err := w.SetColor(mode); err != nil {
			t.Fatal(err)
		}
		if err := w.Print(Red.Of("failed")); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v", mode, b.String(), err)
		}
	}
	if err := NewWriter(nil).SetColor("sometimes"); err == nil {
		t.Error("an unknown mode is accepted")
	}
}
