package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// readInput reads a file, or standard input for "-". Its error is a usageError.
func readInput(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		if readsTerminal(cmd) {
			fmt.Fprintln(stderr(cmd), "Reading standard input: type or paste a request, and end it with Ctrl-D.")
		}
		return readStandardInput(cmd, io.ReadAll)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError{err}
	}
	return body, nil
}

// readStandardInput reads standard input with read. It returns early if the
// command's context is done.
func readStandardInput(cmd *cobra.Command, read func(io.Reader) ([]byte, error)) ([]byte, error) {
	type result struct {
		body []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		body, err := read(cmd.InOrStdin())
		done <- result{body, err}
	}()
	select {
	case <-cmd.Context().Done():
		return nil, cmd.Context().Err()
	case r := <-done:
		if r.err != nil {
			return nil, usageError{fmt.Errorf("read standard input: %w", r.err)}
		}
		return r.body, nil
	}
}

// readsTerminal reports whether standard input is a terminal.
func readsTerminal(cmd *cobra.Command) bool {
	file, ok := cmd.InOrStdin().(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
