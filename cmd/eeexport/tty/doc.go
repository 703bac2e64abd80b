// Package tty writes text for people. It sanitizes what others wrote, colours
// states, and fits tables and bars to the terminal's width.
//
//	out := tty.NewWriter(os.Stdout)
//	fmt.Fprintf(out, "%s\n", description)          // sanitized
//	out.Print(tty.Green.Of("ok"), tty.Plain.Of("\n")) // coloured on a terminal
package tty
