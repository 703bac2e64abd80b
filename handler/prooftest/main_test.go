package prooftest

import (
	"testing"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// slow is set if the race detector makes everything several times slower.
var slow bool

// brief reports whether a verdict is wanted within seconds.
func brief() bool { return slow || testing.Short() }

// scaled returns how many events a test has.
func scaled(events int) int {
	if brief() {
		return max(events/10, min(events, 100))
	}
	return events
}
