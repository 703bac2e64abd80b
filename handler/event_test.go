package handler_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"example.com/eeexport/handler/handlertest"
)

func TestEventForms(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	body := handlertest.Fields{}.Body()
	source := []string{"Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "//custom/source"}
	message := handlertest.Message{ID: "9", Data: body}
	structured := func(data string) []byte {
		return fmt.Appendf(nil, `{"specversion":"1.0","id":"5","source":"//s","type":"custom.request","time":"2026-01-02T03:04:05Z",%s}`, data)
	}
	inJSON := []string{"Content-Type", "application/cloudevents+json"}
	escaped := bytes.ReplaceAll(message.Envelope(), []byte("/"), []byte(`\/`))
	for _, tc := range []struct {
		name    string
		body    []byte
		headers []string
		failure string // a word of the violation; "" for a success
	}{
		{"Pub/Sub through Eventarc", message.Envelope(), message.Headers(), ""},
		{"a wrapped push subscription, without CloudEvents headers", message.Envelope(), []string{"Content-Type", "application/json"}, ""},
		{"base64 with escaped slashes", escaped, message.Headers(), ""},
		{"another type, in binary mode", body, append(source, "Ce-Type", "custom.request", "Content-Type", "application/json"), ""},
		{"another type, without a content type", body, append(source, "Ce-Type", "custom.request"), ""},
		{"another type, of a +json media type", body, append(source, "Ce-Type", "custom.request", "Content-Type", "application/vnd.custom+json; charset=utf-8"), ""},
		{"another type, in structured mode", structured(`"data":` + string(body)), inJSON, ""},
		{"another type, in structured mode with base64", structured(`"data_base64":"` + base64.StdEncoding.EncodeToString(body) + `"`), inJSON, ""},
		{"another type, in structured mode with a +json media type", structured(`"datacontenttype":"application/vnd.x+json","data":` + string(body)), inJSON, ""},
		{"another type, in structured mode with escaped base64", structured(`"data_base64":"` + strings.ReplaceAll(base64.StdEncoding.EncodeToString(body), "e", `\u0065`) + `"`), inJSON, ""},
		{"another type, in version 0.3 with base64", []byte(`{"specversion":"0.3","id":"6","source":"//s","type":"custom.request","datacontentencoding":"base64","data":"` + base64.StdEncoding.EncodeToString(body) + `"}`), inJSON, ""},
		{"data that is not JSON", body, append(source, "Ce-Type", "custom.request", "Content-Type", "text/plain"), "datacontenttype"},
		{"a message without data", []byte(`{"message":{"attributes":{}}}`), message.Headers(), "message.data"},
		{"a message with null for data", []byte(`{"message":{"data":null}}`), message.Headers(), "message.data"},
		{"a message that is not an object", []byte(`{"message":7}`), message.Headers(), "message.data"},
		{"data that is not base64", []byte(`{"message":{"data":"eyJleHByZXNzaW9uIjp7fX0*"}}`), message.Headers(), "message.data"},
		{"an envelope that is not JSON", []byte(`{"message":`), message.Headers(), "not valid JSON"},
		{"no data at all", nil, append(source, "Ce-Type", "custom.request"), "empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := d.Counts()
			answer, err := d.Event.Send("POST", "/", tc.body, tc.headers...)
			if err != nil {
				t.Fatal(err)
			}
			got := d.Counts().Since(before)
			if !answer.Acknowledged() {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			if tc.failure == "" {
				if got.Published != 1 || got.Failures != 0 {
					t.Errorf("led to %+v", got)
				}
				return
			}
			if got != (handlertest.Counts{Failures: 1}) {
				t.Fatalf("led to %+v", got)
			}
			failure := d.Last(t, "failures")
			if !strings.Contains(failure.Attributes["message"], tc.failure) {
				t.Errorf("message %q", failure.Attributes["message"])
			}
			if !bytes.Equal(failure.Data, tc.body) {
				t.Errorf("data %s, want what was received: %s", failure.Data, tc.body)
			}
		})
	}
}
