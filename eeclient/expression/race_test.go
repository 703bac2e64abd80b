//go:build race

package expression

// The race detector slows single-threaded tests down and finds nothing in them.
func init() { everyNth = 11 }
