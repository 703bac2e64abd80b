package prooftest

import (
	"testing"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// slow is set if the race detector makes everything several times slower.
var slow bool

// brief reports whether the tests should take only seconds.
func brief() bool { return slow || testing.Short() }

// scaled returns how many events a test has.
func scaled(events int) int {
	if brief() {
		return max(events/25, min(events, 100))
	}
	return events
}

// sample returns those paths of a model that a test takes.
func sample[W any](paths []path[W]) []path[W] {
	const few = 100
	if !brief() || len(paths) <= few {
		return paths
	}
	sampled := make([]path[W], few)
	for i := range sampled {
		sampled[i] = paths[i*len(paths)/few]
	}
	return sampled
}
