package prooftest

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
)

// check checks that nothing was lost or duplicated: one Operation for each
// event, every one of them published, and nothing given up.
func (tr *trial) check(t *testing.T) {
	t.Helper()
	operations := tr.operations(t)
	published := map[string]bool{}
	for _, m := range tr.ps.Messages("operations") {
		name := m.Attributes["operation"]
		op, ok := operations[name]
		if !ok {
			t.Errorf("%q was published and never started", name)
			continue
		}
		published[name] = true
		var data struct{ Name string }
		if err := json.Unmarshal(m.Data, &data); err != nil || data.Name != name {
			t.Errorf("%s was published with %s", name, m.Data)
		}
		checkAttributes(t, m.Attributes, op, map[string]string{"ce-id": name + "/started", "ce-subject": name, "ce-type": "eeexport.operation.started.v1"})
	}
	for name, op := range operations {
		if !published[name] {
			t.Errorf("%s, %q, was never published", name, op.Description)
		}
	}
	for _, m := range tr.ps.Messages("failures") {
		t.Errorf("given up: %v", m.Attributes)
	}
	tr.checkEnds(t, operations)
}

// checkEnds checks that the one true end of each Operation is published, under
// one ce-id.
func (tr *trial) checkEnds(t *testing.T, operations map[string]eetest.Operation) {
	t.Helper()
	ended := map[string]bool{}
	for _, m := range tr.ps.Messages("completions") {
		name := m.Attributes["operation"]
		op := operations[name]
		var data struct {
			Name     string
			Metadata struct{ State eetest.State }
		}
		if err := json.Unmarshal(m.Data, &data); err != nil || data.Name != name || data.Metadata.State != op.State {
			t.Errorf("the end of %s, which is %s, was published with %s", name, op.State, m.Data)
		}
		checkAttributes(t, m.Attributes, op, map[string]string{"ce-id": name + "/" + strings.ToLower(string(op.State)), "state": string(op.State), "reason": ""})
		ended[name] = true
	}
	for name, op := range operations {
		if !ended[name] {
			t.Errorf("%s has %s, and its end is not published", name, op.State)
		}
	}
}

// checkAttributes checks those that a message about an Operation must have.
func checkAttributes(t *testing.T, got map[string]string, op eetest.Operation, want map[string]string) {
	t.Helper()
	maps.Copy(want, map[string]string{"requestId": op.RequestID, "asset": op.Asset, "project": "projects/" + op.Project})
	for attribute, want := range want {
		if got[attribute] != want {
			t.Errorf("%s was published with the %s %q, want %q", op.Name, attribute, got[attribute], want)
		}
	}
}

// operations returns the Operations by name, when there is one for each event.
func (tr *trial) operations(t *testing.T) map[string]eetest.Operation {
	t.Helper()
	byName, byAsset := map[string]eetest.Operation{}, map[string]int{}
	for _, op := range tr.ee.Operations() {
		byName[op.Name] = op
		byAsset[op.Asset]++
	}
	for event := range tr.events {
		if n := byAsset[asset(event)]; n != 1 {
			t.Errorf("%d Operations for event %d", n, event)
		}
	}
	if len(byName) != tr.events {
		t.Errorf("%d Operations for %d events", len(byName), tr.events)
	}
	return byName
}
