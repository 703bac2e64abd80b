package main

import "testing"

func TestCtrlCEndsTheReadingOfStandardInput(t *testing.T) {
	for _, args := range [][]string{{"validate", "-"}, {"submit", "-", "--direct"}} {
		term := startTerminal(t, 80, args...)
		term.await(`end it with Ctrl-D`)
		term.press("\x03")
		if status, text := term.wait(); status != exitInterrupted {
			t.Errorf("%s: exit status %d:\n%s", args[0], status, text)
		}
	}
}
