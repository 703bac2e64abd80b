// Package tty writes text for people. What others wrote cannot move a cursor or
// change a terminal, states have colours, and tables and bars fit the width.
//
//	out := tty.NewWriter(os.Stdout)
//	fmt.Fprintf(out, "%s\n", description)          // sanitized
//	out.Print(tty.Green.Of("ok"), tty.Plain.Of("\n")) // coloured on a terminal
package tty
