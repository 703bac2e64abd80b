package prooftest

import (
	"testing"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// scaled returns how many events a test has: with -short no more than a verdict
// in seconds allows.
func scaled(events int) int {
	if testing.Short() {
		return max(events/10, min(events, 100))
	}
	return events
}
