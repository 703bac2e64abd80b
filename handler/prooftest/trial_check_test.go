package prooftest

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
)

// check checks that nothing was lost or duplicated: there is one Operation for each
// event, its start and its one true end are published, each under one ce-id, and
// nothing is given up.
func (tr *trial) check(t *testing.T) {
	t.Helper()
	operations := tr.operations(t)
	tr.checkTopic(t, "operations", operations, func(op eetest.Operation) map[string]string {
		return map[string]string{"ce-id": op.Name + "/started", "ce-subject": op.Name, "ce-type": "eeexport.operation.started.v1"}
	})
	tr.checkTopic(t, "completions", operations, func(op eetest.Operation) map[string]string {
		return map[string]string{"ce-id": op.Name + "/" + strings.ToLower(string(op.State)), "state": string(op.State), "reason": ""}
	})
	for _, m := range tr.ps.Messages("failures") {
		t.Errorf("given up: %v", m.Attributes)
	}
}

// checkTopic checks that the topic has a message about each Operation and about
// nothing else, with the attributes that it must have. If these include a state,
// the Operation in the message's data must be in that state.
func (tr *trial) checkTopic(t *testing.T, topic string, operations map[string]eetest.Operation, attributes func(eetest.Operation) map[string]string) {
	t.Helper()
	published := map[string]bool{}
	for _, m := range tr.ps.Messages(topic) {
		name := m.Attributes["operation"]
		op, ok := operations[name]
		if !ok {
			t.Errorf("%q is on %s and was never started", name, topic)
			continue
		}
		published[name] = true
		want := attributes(op)
		var data struct {
			Name     string
			Metadata struct{ State string }
		}
		if err := json.Unmarshal(m.Data, &data); err != nil || data.Name != name || want["state"] != "" && data.Metadata.State != want["state"] {
			t.Errorf("%s, which is %s, is on %s with %s", name, op.State, topic, m.Data)
		}
		maps.Copy(want, map[string]string{"requestId": op.RequestID, "asset": op.Asset, "project": "projects/" + op.Project})
		for attribute, want := range want {
			if got := m.Attributes[attribute]; got != want {
				t.Errorf("%s is on %s with the %s %q, want %q", name, topic, attribute, got, want)
			}
		}
	}
	for name, op := range operations {
		if !published[name] {
			t.Errorf("%s, %q, which is %s, is not on %s", name, op.Description, op.State, topic)
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
