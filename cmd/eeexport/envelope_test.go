package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

// sameExpression reports whether two requests have the same expression, byte for
// byte.
func sameExpression(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y struct{ Expression json.RawMessage }
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x.Expression, y.Expression)
}

func TestEnvelopeLeavesExpressionsAlone(t *testing.T) {
	for _, name := range requests.Names() {
		t.Run(name, func(t *testing.T) {
			body := requests.Get(name)
			e, err := parseEnvelope(body)
			if err != nil {
				t.Fatal(err)
			}
			sent := e.with(projectField, "projects/other").with(requestIDField, "id-1").bytes()
			if !sameExpression(t, body, sent) {
				t.Error("the expression has changed")
			}
			var got struct{ Project, RequestID string }
			if err := json.Unmarshal(sent, &got); err != nil || got.Project != "projects/other" || got.RequestID != "id-1" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	for _, tc := range []struct{ name, body, id, want string }{
		{"a field that is set is replaced", `{"requestId": "a", "x": [1,  2]}`, "a", `{"x":[1,  2],"requestId":"b"}`},
		{"also under its other name", `{"request_id": "a"}`, "a", `{"requestId":"b"}`},
		{"a field that is not set is added", `{ }`, "", `{"requestId":"b"}`},
		{"a field of another kind is replaced", `{"requestId": 7}`, "", `{"requestId":"b"}`},
		{"names are quoted as they must be", `{"\u0022\\": null}`, "", `{"\"\\":null,"requestId":"b"}`},
		{"what is given twice stays twice, to be refused", `{"x":1,"x":2}`, "", `{"x":1,"x":2,"requestId":"b"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := parseEnvelope([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if id := e.text(requestIDField); id != tc.id {
				t.Errorf("request ID %q, want %q", id, tc.id)
			}
			if got := string(e.with(requestIDField, "b").bytes()); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	for _, body := range []string{"", "[]", `"x"`, "{", `{"a"}`, `{"a":}`, `{"a":1,}`, "{} {}", "{}x", `{"a":"b}`, `{"a":[}`, `{"a":{"b":[]}`, `{a:1}`} {
		if e, err := parseEnvelope([]byte(body)); err == nil {
			t.Errorf("%q is taken as %q", body, e.bytes())
		}
	}
}

func TestEnvelopeWithArguments(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		arguments  []string
		want       string // or the error
	}{
		{"none change nothing", `{"a": 1}`, nil, `{"a":1}`},
		{"what is not JSON is a string", `{}`, []string{"end=2026-11-23"}, `{"arguments":{"end":"2026-11-23"}}`},
		{"what is JSON is that constant", `{}`, []string{"n=7", "deep=true", `bands=["B4","B8"]`, "none=null"}, `{"arguments":{"n":7,"deep":true,"bands":["B4","B8"],"none":null}}`},
		{"an equals sign may be in the value", `{}`, []string{"q=a=b"}, `{"arguments":{"q":"a=b"}}`},
		{"a value may be empty", `{}`, []string{"q="}, `{"arguments":{"q":""}}`},
		{"they join those of the file", `{"arguments": {"start": "2026-01-01"}}`, []string{"end=x"}, `{"arguments":{"start":"2026-01-01","end":"x"}}`},
		{"and replace one of the same name", `{"arguments":{"end":"y","n":1}}`, []string{"end=x"}, `{"arguments":{"n":1,"end":"x"}}`},
		{"null is unset", `{"arguments": null}`, []string{"end=x"}, `{"arguments":{"end":"x"}}`},
		{"one without a value is wrong use", `{}`, []string{"end"}, `--argument: "end" is not NAME=VALUE`},
		{"so is one without a name", `{}`, []string{"=x"}, `--argument: "=x" is not NAME=VALUE`},
		{"arguments that are not an object cannot be joined", `{"arguments": 7}`, []string{"end=x"}, "--argument: the request's own arguments are not a JSON object"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := parseEnvelope([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if e, err = e.withArguments(tc.arguments); err != nil {
				if err.Error() != tc.want {
					t.Errorf("%v", err)
				}
				return
			}
			if got := string(e.bytes()); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}
