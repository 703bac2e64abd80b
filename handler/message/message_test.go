package message

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// now is the time of events that have none of their own.
var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const operationName = "projects/my-project/operations/ABCDEF"

func operation(t testing.TB, state, rest string) *eeclient.Operation {
	t.Helper()
	op, err := eeclient.ParseOperation([]byte(`{"name":"` + operationName + `","metadata":{"state":"` + state + `","createTime":"2026-11-23T07:59:59.5Z"` + rest + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// TestMessages compares what is published with golden files, since others
// depend on it.
func TestMessages(t *testing.T) {
	trace := NewTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1")
	origin := Origin{Project: "projects/my-project", Asset: "projects/my-project/assets/rf", RequestID: "r-1", WorkloadTag: "team-a", Trace: trace}
	started := Started(operation(t, "PENDING", ""), origin, now)
	succeeded := operation(t, "SUCCEEDED", `,"endTime":"2026-11-23T08:10:00Z","batchEecuUsageSeconds":12.5`)
	for name, m := range map[string]*pubsubpb.PubsubMessage{
		"started":   started,
		"succeeded": Ended(started, End{State: eeclient.Succeeded, Operation: succeeded}, now),
		"failed":    Ended(started, End{State: eeclient.Failed, Operation: operation(t, "FAILED", "")}, now),
		"cancelled": Ended(started, End{State: eeclient.Cancelled, Operation: operation(t, "CANCELLED", "")}, now),
		"not-found": Ended(started, End{State: eeclient.Failed, Reason: "OPERATION_NOT_FOUND"}, now),
		"request-failed": RequestFailed([]byte(`{"priority":-1}`), "", "projects/my-project", Failure{
			Code: "INVALID_ARGUMENT", Reason: "INVALID_REQUEST", Message: "priority: must be an integer from 0 to 9999",
			Violations: []eeclient.FieldViolation{{Field: "priority", Description: "must be an integer from 0 to 9999"}},
			RequestID:  "r-1", DeliveryAttempt: 3,
		}, trace, now),
		"request-refused": RequestFailed([]byte(`{}`), "application/json", "projects/my-project", Failure{
			Code: "ALREADY_EXISTS", Reason: "REQUEST_ID_REUSED", Message: "the request ID is another request's",
			RequestID: "r-1", Operation: operationName, MayHaveStarted: true,
		}, Trace{}, now),
		"again": Again([]byte(`{}`), map[string]string{"team": "a"}, "eeexport-event-0", now),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.MarshalIndent(struct {
				Attributes map[string]string `json:"attributes"`
				Data       json.RawMessage   `json:"data"`
			}{m.Attributes, m.Data}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "golden", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("%s differs:\n%s\nwant:\n%s", name, got, want)
			}
		})
	}
}

// TestAttributesFitPubSub checks values that a sender can make long or invalid.
func TestAttributesFitPubSub(t *testing.T) {
	many := []eeclient.FieldViolation{{Field: "too long", Description: strings.Repeat("d", 2000)}}
	for range 100 {
		many = append(many, eeclient.FieldViolation{Field: strings.Repeat("f", 30), Description: "d"})
	}
	m := RequestFailed(nil, "", "projects/p", Failure{Message: strings.Repeat("é", 1500), Reason: "a\xffb", Violations: many}, Trace{}, now)
	for name, value := range m.Attributes {
		if len(value) > MaxAttributeBytes || strings.ToValidUTF8(value, "") != value {
			t.Errorf("%s has %d bytes: %q", name, len(value), value)
		}
	}
	var listed []eeclient.FieldViolation
	if err := json.Unmarshal([]byte(m.Attributes["violations"]), &listed); err != nil || len(listed) < 10 {
		t.Errorf("%d violations, %v", len(listed), err)
	}
}

func TestTraceParents(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for parent, want := range map[string]bool{
		good: true, "01" + good[2:] + "-more": true,
		"": false, good + "-more": false, "ff" + good[2:]: false, strings.ToUpper(good): false, good[:54]: false,
		"00-00000000000000000000000000000000-b7ad6b7169203331-01": false, "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01": false,
	} {
		if got := NewTrace(parent, "").Parent() != ""; got != want {
			t.Errorf("%q: %t", parent, got)
		}
	}
}

func ExampleStarted() {
	op, _ := eeclient.ParseOperation([]byte(`{"name":"projects/my-project/operations/ABCDEF"}`))
	m := Started(op, Origin{Project: "projects/my-project", RequestID: "landcover-20261123"}, now)
	for _, name := range []string{"ce-type", "ce-id", "requestId"} {
		fmt.Println(name, m.Attributes[name])
	}
	// Output:
	// ce-type eeexport.operation.started.v1
	// ce-id projects/my-project/operations/ABCDEF/started
	// requestId landcover-20261123
}
