package eeclient

import (
	"fmt"
	"testing"
)

func TestHowAnOperationEnds(t *testing.T) {
	const failed, cancelled = `"error":{"code":3,"message":"m"}`, `"error":{"code":1,"message":"m"}`
	for _, tc := range []struct {
		name  string
		done  bool
		state string
		rest  string // of the Operation
		want  State  // "" if it has not ended
	}{
		{"pending", false, "PENDING", "", ""},
		{"running", false, "RUNNING", "", ""},
		{"being cancelled", false, "CANCELLING", "", ""},
		{"no state", false, "", "", ""},
		{"succeeded", true, "SUCCEEDED", `"response":{}`, Succeeded},
		{"failed", true, "FAILED", failed, Failed},
		{"cancelled", true, "CANCELLED", cancelled, Cancelled},
		{"succeeded, and not done", false, "SUCCEEDED", "", Succeeded},
		{"failed, and not done", false, "FAILED", "", Failed},
		{"done while it is being cancelled", true, "CANCELLING", "", Cancelled},
		{"done while it is being cancelled, with a failure", true, "CANCELLING", failed, Failed},
		{"done in an unknown state", true, "ARCHIVED", `"response":{}`, Succeeded},
		{"done in an unknown state, with a failure", true, "ARCHIVED", failed, Failed},
		{"done in an unknown state, cancelled", true, "ARCHIVED", cancelled, Cancelled},
		{"done in an unknown state, with a failure that has no code", true, "ARCHIVED", `"error":{"message":"boom"}`, Failed},
		{"done while it runs", true, "RUNNING", `"response":{}`, Succeeded},
		{"done without a state", true, "", "", Succeeded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rest := tc.rest
			if rest != "" {
				rest = "," + rest
			}
			op, err := ParseOperation(fmt.Appendf(nil, `{"name":"projects/p/operations/A","done":%t,"metadata":{"state":%q}%s}`, tc.done, tc.state, rest))
			if err != nil {
				t.Fatal(err)
			}
			if state, ended := op.End(); state != tc.want || ended != (tc.want != "") {
				t.Errorf("%q, %t", state, ended)
			}
		})
	}
}

func TestEECUSeconds(t *testing.T) {
	for raw, want := range map[string]string{
		`{"name":"projects/p/operations/A","metadata":{"batchEecuUsageSeconds":1.5}}`: "1.5 true",
		`{"name":"projects/p/operations/A","metadata":{"batchEecuUsageSeconds":0}}`:   "0 true",
		`{"name":"projects/p/operations/A","metadata":{}}`:                            "0 false",
		`{"name":"projects/p/operations/A","metadata":{"batchEecuUsageSeconds":"x"}}`: "0 false",
	} {
		op, err := ParseOperation([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if seconds, ok := op.EECUSeconds(); fmt.Sprint(seconds, ok) != want {
			t.Errorf("%s: %v %t", raw, seconds, ok)
		}
	}
}

func TestParseOperationRefusesOtherJSON(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing":               ``,
		"half of one":           `{"name":"projects/p/oper`,
		"a list":                `[]`,
		"one without a name":    `{"done":false}`,
		"one with a dot for ID": `{"name":"projects/p/operations/.."}`,
		"one with an odd name":  `{"name":1}`,
	} {
		if op, err := ParseOperation([]byte(raw)); err == nil {
			t.Errorf("%s is read as %s", name, op.Name())
		}
	}
}
