package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// readInput reads a file, or standard input for "-". Its error is a usageError.
func readInput(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		body, err := io.ReadAll(cmd.InOrStdin())
		if err != nil {
			return nil, usageError{fmt.Errorf("read standard input: %w", err)}
		}
		return body, nil
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError{err}
	}
	return body, nil
}
