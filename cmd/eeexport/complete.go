package main

import (
	"github.com/spf13/cobra"

	"example.com/eeexport/cmd/eeexport/tty"
)

// flagValues are the values that the shell completes for a flag.
var flagValues = map[string][]string{
	"check": {"strict", "structure", "off"},
	"color": tty.ColorModes,
	"state": knownStates,
	"type":  {"EXPORT_CLASSIFIER", "EXPORT_IMAGE", "EXPORT_FEATURES", "EXPORT_TILES", "EXPORT_VIDEO", "INGEST_IMAGE", "INGEST_TABLE", anyType},
}

// completeFlags makes the shell complete the values of flags, and request files.
// Only validate and submit take files.
func completeFlags(root *cobra.Command) {
	for name, values := range flagValues {
		for _, cmd := range append(root.Commands(), root) {
			if cmd.LocalFlags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
	}
	for _, cmd := range root.Commands() {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
		if name := cmd.Name(); name == "validate" || name == "submit" {
			cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveFilterFileExt)
		}
	}
}
