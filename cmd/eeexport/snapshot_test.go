package main

import (
	"fmt"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
)

// operation parses an Operation with the given metadata and result.
func operation(t *testing.T, metadata, result string) *eeclient.Operation {
	t.Helper()
	op, err := eeclient.ParseOperation(fmt.Appendf(nil, `{"name":"projects/p/operations/o","metadata":{%s}%s}`, metadata, result))
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func TestCurrentStage(t *testing.T) {
	for _, tc := range []struct {
		name, stages, want string
	}{
		{"no stage", `[]`, ""},
		{"the first that is not complete", `[{"displayName":"A","completeWorkUnits":3,"totalWorkUnits":3},{"displayName":"B","completeWorkUnits":1.5,"totalWorkUnits":"4"},{"displayName":"C"}]`, "B 1.5/4"},
		{"one of unknown size", `[{"displayName":"A","completeWorkUnits":3,"totalWorkUnits":3},{"displayName":"B"}]`, "B"},
		{"the last if all are complete", `[{"displayName":"A","completeWorkUnits":3,"totalWorkUnits":3},{"displayName":"B","completeWorkUnits":1,"totalWorkUnits":1}]`, "B 1/1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := newSnapshot(operation(t, `"stages":`+tc.stages, "")).Stage; got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestElapsed(t *testing.T) {
	now := time.Now().UTC()
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339Nano) }
	for _, tc := range []struct {
		name, metadata string
		want           time.Duration
	}{
		{"of one that runs, until now", fmt.Sprintf(`"createTime":%q,"updateTime":%q`, at(-time.Hour), at(-time.Minute)), time.Hour},
		{"of one that has ended, until then", fmt.Sprintf(`"createTime":%q,"endTime":%q`, at(-time.Hour), at(-time.Minute)), 59 * time.Minute},
		{"by a clock that is ahead, until it was last seen", fmt.Sprintf(`"createTime":%q,"updateTime":%q`, at(time.Hour), at(2*time.Hour)), time.Hour},
		{"of one that says nothing of times, none", ``, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := newSnapshot(operation(t, tc.metadata, "")).elapsed(); got < tc.want || got > tc.want+10*time.Second {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}
