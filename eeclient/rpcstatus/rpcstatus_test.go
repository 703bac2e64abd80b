package rpcstatus

import (
	"fmt"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       bool
	}{
		{"a code and a status", `{"error":{"code":403,"status":"PERMISSION_DENIED"}}`, true},
		{"the code alone", `{"error":{"code":403}}`, true},
		{"the status alone", `{"error":{"status":"PERMISSION_DENIED"}}`, true},
		{"another status than the code's", `{"error":{"code":403,"status":"RESOURCE_EXHAUSTED"}}`, true},
		{"details that are no list", `{"error":{"code":403,"details":{}}}`, true},
		{"a message that is not a string", `{"error":{"code":403,"message":1}}`, true},
		{"a message alone", `{"error":{"message":"no"}}`, false},
		{"another code", `{"error":{"code":7,"message":"no"}}`, false},
		{"the code in quotes", `{"error":{"code":"403"}}`, false},
		{"a status of no google.rpc.Code", `{"error":{"status":"DENIED"}}`, false},
		{"an error that is a text", `{"error":"no"}`, false},
		{"no error", `{"code":403,"status":"PERMISSION_DENIED"}`, false},
		{"a list", `[]`, false},
		{"a page", `<html>`, false},
		{"nothing", ``, false},
	} {
		if _, got := Parse(403, []byte(tc.body)); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
	}
}

func TestAMemberOfAnotherTypeHidesNoOther(t *testing.T) {
	s, ok := Parse(403, []byte(`{"error":{"code":403,"message":7,"status":"PERMISSION_DENIED","errors":[{"reason":1},{"reason":"older"}],"details":[
		7, {"@type":7}, {"reason":"OF_NO_TYPE","fieldViolations":[{"field":"f"}]},
		{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","domain":7,"metadata":{"a":1,"b":"c"}},
		{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"f","description":7},{"field":7,"description":"d"}]},
		{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":7},
		{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}}`))
	if !ok || s.Status != "PERMISSION_DENIED" || s.Reason() != "R" || fmt.Sprintf("%q", s.Reasons()) != `["R" "" "older"]` {
		t.Errorf("%t %+v", ok, s)
	}
	if infos := s.Details.ErrorInfos(); len(infos) != 1 || infos[0].Metadata["b"] != "c" {
		t.Errorf("%+v", infos)
	}
	if v := s.Details.FieldViolations(); fmt.Sprint(v) != "[{f } { d}]" {
		t.Errorf("%v", v)
	}
	if d := s.Details.RetryDelay(); d != 1500*time.Millisecond {
		t.Errorf("%v", d)
	}
}
