package handler_test

import (
	"bytes"
	"strings"
	"testing"

	"example.com/eeexport/handler/handlertest"
)

// TestArguments fills in the open places of an expression, through both doors.
func TestArguments(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	const before, between, after = `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.smileRandomForest","arguments":{"numberOfTrees":`,
		`,"seed":{"functionInvocationValue":{"functionName":"Number.parse","arguments":{"input": `, ` }}}}}}}}`
	open := func(name string) string { return `{"argumentReference": "` + name + `"}` }
	filled := func(value string) string { return `{"constantValue":` + value + `}` }
	expression := before + open("trees") + between + open("end") + after
	for _, tc := range []struct {
		name      string
		arguments string
		want      string // of the expression that goes upstream
		violation string
	}{
		{"constants in the place of open references", `{"trees":100,"end":"x"}`, before + filled("100") + between + filled(`"x"`) + after, ""},
		{"the bytes of a constant are kept", `{"trees":1e2,"end":["a", {"b" : null}]}`, before + filled("1e2") + between + filled(`["a", {"b" : null}]`) + after, ""},
		{"placeholders are the event's time", `{"trees":1,"end":["{isodate}","{isotime}"]}`, before + filled("1") + between + filled(`["2026-11-23","2026-11-23T08:00:00Z"]`) + after, ""},
		{"placeholders behind escapes, and none in a name", `{"trees":1,"end":{"{date}":"\u007bdate\u007D \" {d\u0061te}"}}`, before + filled("1") + between + filled(`{"{date}":"20261123 \" 20261123"}`) + after, ""},
		{"open and not given", `{"trees":1}`, "", "end"},
		{"given and not open", `{"trees":1,"end":2,"other":3}`, "", "other"},
		{"no arguments at all", ``, "", "trees"},
	} {
		for _, door := range handlertest.Doors {
			t.Run(tc.name+"/"+door.Name, func(t *testing.T) {
				body := handlertest.Fields{"expression": expression, "arguments": tc.arguments}.Body()
				counts := d.Counts()
				var answer *handlertest.Answer
				if door.Name == "http" { // with the time of the event's default
					answer = d.HTTP.Post(t, "/", body, "X-CloudScheduler-JobName", t.Name(), "X-CloudScheduler-ScheduleTime", "2026-11-23T08:00:00Z")
				} else {
					answer = door.Send(d, t, t.Name(), body)
				}
				got := d.Counts().Since(counts)
				if tc.want == "" {
					says := string(answer.Body)
					if got.Failures == 1 {
						says = d.Last(t, "failures").Attributes["violations"]
					}
					if got.Calls != 0 || !strings.Contains(says, tc.violation) {
						t.Errorf("%d %s, led to %+v", answer.Code, says, got)
					}
					return
				}
				requests := d.EE.Requests()
				sent := requests[len(requests)-1].Body
				if answer.Code != 200 || !bytes.Contains(sent, []byte(`"expression":`+tc.want+`,`)) || bytes.Contains(sent, []byte(`"arguments":{"trees`)) {
					t.Errorf("%d %s, sent %s", answer.Code, answer.Body, sent)
				}
			})
		}
	}
}

// TestReads checks what an expression may load with the function's account.
func TestReads(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"ALLOWED_READS": "projects/my-project/assets, gs://bucket/models/"})
	expression := func(load string) string {
		return `{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.load","arguments":{"id":` + load + `}}},"1":{"constantValue":"projects/my-project/assets/x"}}}`
	}
	for _, tc := range []struct {
		name, expression string
		ok               bool
	}{
		{"an asset within a prefix", expression(`{"constantValue":"projects/my-project/assets/rf"}`), true},
		{"an asset by reference", expression(`{"valueReference":"1"}`), true},
		{"an asset beside a prefix", expression(`{"constantValue":"projects/my-project/assets2/rf"}`), false},
		{"a computed asset", expression(`{"functionInvocationValue":{"functionName":"String","arguments":{"input":{"functionInvocationValue":{"functionName":"Number","arguments":{"input":{"constantValue":1}}}}}}}`), false},
		{"nothing at all", handlertest.Cart, true},
	} {
		for _, door := range handlertest.Doors {
			t.Run(tc.name+"/"+door.Name, func(t *testing.T) {
				counts := d.Counts()
				answer := door.Send(d, t, t.Name(), handlertest.Fields{"expression": tc.expression}.Body())
				if got := d.Counts().Since(counts); (got.Calls == 1) != tc.ok {
					t.Fatalf("%d %s, led to %+v", answer.Code, answer.Body, got)
				}
				if tc.ok {
					return
				}
				reason, code := answer.Error().Reason(), answer.Code
				if door.Name == "event" {
					reason, code = d.Last(t, "failures").Attributes["reason"], 403
				}
				if reason != "READ_NOT_ALLOWED" || code != 403 {
					t.Errorf("%d %s", code, reason)
				}
			})
		}
	}
}
