package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

func TestEnvelopeLeavesExpressionsAlone(t *testing.T) {
	for _, name := range requests.Names() {
		t.Run(name, func(t *testing.T) {
			body := requests.Get(name)
			e, err := parseEnvelope(body)
			if err != nil {
				t.Fatal(err)
			}
			sent := e.with(projectField, "projects/other").with(requestIDField, "id-1").bytes()
			if err := sameExpression(body, sent); err != nil {
				t.Error(err)
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
	for _, body := range []string{"", "[]", `"x"`, "{", `{"a"}`, `{"a":}`, `{"a":1,}`, "{} {}", "{}x", "{\"\xff\":1}"} {
		if e, err := parseEnvelope([]byte(body)); err == nil {
			t.Errorf("%q is taken as %q", body, e.bytes())
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add(requests.Get(requests.Cart))
	f.Add([]byte(`{"requestId":"\u00e9","request_id":null,"x":{"y":[1e400,"\\"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := parseEnvelope(body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is no JSON", body)
		}
		again, err := parseEnvelope(e.bytes())
		if err != nil || len(again) != len(e) {
			t.Fatalf("%q became %q: %v", body, e.bytes(), err)
		}
		for i, m := range again {
			if m.name != e[i].name || !bytes.Equal(m.value, e[i].value) {
				t.Fatalf("%q became %q", body, e.bytes())
			}
		}
	})
}
