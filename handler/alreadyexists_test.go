package handler_test

import (
	"strconv"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestAlreadyExists has an Earth Engine that refuses a repeated request ID
// instead of answering with its Operation. Package eeclient tests which Operation
// is found.
func TestAlreadyExists(t *testing.T) {
	d := handlertest.Deploy(t, nil, eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
	lost := eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart}
	used := eetest.Fault{Method: eetest.ExportClassifier, Status: 409, Code: "ALREADY_EXISTS", Message: "The request ID has been used."}
	for _, tc := range []struct {
		name   string
		faults []eetest.Fault
		code   int
		reason string
		want   handlertest.Counts
	}{
		{"the answer was lost: the Operation is found", []eetest.Fault{lost}, 200, "", handlertest.Counts{Calls: 2, Started: 1, Published: 1}},
		{"if the list is refused, the export does not count as refused", []eetest.Fault{lost, {Method: eetest.ListOperations, Status: 403}}, 503, "OUTCOME_UNKNOWN", handlertest.Counts{Calls: 2, Started: 1}},
		{"if none is found, lists may lag", []eetest.Fault{used}, 503, "OUTCOME_UNKNOWN", handlertest.Counts{Calls: 1}},
	} {
		for _, door := range handlertest.Doors {
			t.Run(tc.name+"/"+door.Name, func(t *testing.T) {
				d.EE.Inject(tc.faults...)
				before := d.Counts()
				body := handlertest.Fields{"description": strconv.Quote(t.Name())}.Body()
				var answer *handlertest.Answer
				if door.Name == "http" {
					answer = door.Send(d, t, t.Name(), body)
				} else { // published now: ten minutes later it is a duplicate
					answer = d.Event.Deliver(t, handlertest.Message{ID: t.Name(), Data: body, PublishTime: time.Now().UTC().Format(time.RFC3339)})
				}
				if got := d.Counts().Since(before); answer.Code != tc.code || answer.Error().Reason() != tc.reason || got != tc.want {
					t.Errorf("%d %s, led to %+v", answer.Code, answer.Body, got)
				}
			})
		}
	}
}
