package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

// envelope is what renew may change, and all else.
type envelope struct {
	RequestID          string
	AssetExportOptions struct {
		EarthEngineDestination struct{ Name string }
	}
	Expression json.RawMessage
}

func parse(t *testing.T, body []byte) (e envelope) {
	t.Helper()
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return e
}

func TestRenewMakesAnotherExportOfEveryExample(t *testing.T) {
	for _, name := range requests.Names() {
		t.Run(name, func(t *testing.T) {
			body := requests.Get(name)
			first := renew(body)
			second := renew(first)
			before, one, two := parse(t, body), parse(t, first), parse(t, second)
			asset := func(e envelope) string { return e.AssetExportOptions.EarthEngineDestination.Name }
			if one.RequestID == before.RequestID || one.RequestID == two.RequestID {
				t.Errorf("request IDs %s, %s, %s", before.RequestID, one.RequestID, two.RequestID)
			}
			if !strings.HasPrefix(asset(one), asset(before)+suffix) || asset(one) == asset(two) || len(asset(one)) != len(asset(two)) {
				t.Errorf("assets %s, %s, %s", asset(before), asset(one), asset(two))
			}
			if !bytes.Equal(before.Expression, two.Expression) {
				t.Error("the expression has changed")
			}
		})
	}
}

func TestRenewLeavesTheRestAsItIs(t *testing.T) {
	for _, tc := range []struct{ name, body string }{
		{"what has neither", `{"expression": {"requestId": "x", "n": 1.0e400}}`},
		{"what is no JSON", `requestId`},
		{"what is no object", `["requestId", "x"]`},
		{"a field of another type", `{"requestId": 7, "assetExportOptions": {"earthEngineDestination": {"name": null}}}`},
		{"an ID with an escape", `{"requestId": "\u0061"}`},
		{"nothing", ``},
	} {
		if got := renew([]byte(tc.body)); string(got) != tc.body {
			t.Errorf("%s: %s", tc.name, got)
		}
	}
	// What comes after something that is no JSON stays too.
	got := string(renew([]byte(`{"request_id": "x", !`)))
	if !strings.HasPrefix(got, `{"request_id": "`) || !strings.HasSuffix(got, `", !`) || strings.Contains(got, `"x"`) {
		t.Error(got)
	}
}
