package message

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseEnvelope(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, body string
		want       Envelope
	}{
		{"a push", `{"message":{"data":"e30=","attributes":{"a":"b"},"messageId":"7","publishTime":"2026-11-23T08:00:00Z"},"subscription":"s","deliveryAttempt":5}`,
			Envelope{Data: []byte("{}"), Attributes: map[string]string{"a": "b"}, MessageID: "7", PublishTime: at, DeliveryAttempt: 5}},
		{"a push in snake_case", `{"message":{"data":"e30","message_id":"7","publish_time":"2026-11-23T08:00:00Z"},"delivery_attempt":2}`,
			Envelope{Data: []byte("{}"), MessageID: "7", PublishTime: at, DeliveryAttempt: 2}},
		{"the attempt first, and fields that are new", ` {"deliveryAttempt":1,"x":[{}],"message":{"y":{"z":1},"data":"e30"}} `,
			Envelope{Data: []byte("{}"), DeliveryAttempt: 1}},
		{"values of other types are ignored", `{"message":{"data":"e30","messageId":7,"publishTime":false,"attributes":{"a":1,"b":"c"}},"deliveryAttempt":"x"}`,
			Envelope{Data: []byte("{}"), Attributes: map[string]string{"b": "c"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseEnvelope([]byte(tc.body))
			if err != nil || !reflect.DeepEqual(*got, tc.want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestABrokenEnvelopeIsAnError(t *testing.T) {
	var attributes strings.Builder
	for i := range 101 {
		fmt.Fprintf(&attributes, `"a%d":"",`, i)
	}
	for body, want := range map[string]string{
		`{"message":{"attributes":{` + attributes.String() + `"b":""}}}`: "more attributes",
		``: "expected an object", `{`: "", `[]`: "expected an object", `{"message":{"data":"e30"}}x`: "", `{"message":{"data":"e30"}`: "",
		`{"message":7}`: ErrNoData.Error(), `{"message":{"data":null}}`: ErrNoData.Error(), `{"message":{"data":"*"}}`: ErrNotBase64.Error(),
	} {
		if _, err := ParseEnvelope([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	e, err := ParseEnvelope([]byte(`{"message":{"messageId":"7"}}`))
	if !errors.Is(err, ErrNoData) || e.MessageID != "7" {
		t.Errorf("%+v %v", e, err)
	}
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add([]byte(`{"message":{"data":"e30=","attributes":{"a":"b"}},"deliveryAttempt":5}`))
	f.Add([]byte(`{"message":{"data":"e30=","data":"e30","attributes":null,"publishTime":"x"}}`))
	for _, data := range []string{"", "aGVsbG8gd29ybGQ*", "aGVsbG8gd29ybGQ=aGVsbG8gd29ybGQ", "_-_-/", strings.Repeat("QUJD", 100) + "!"} {
		f.Add([]byte(`{"message":{"data":"` + data + `"}}`)) // what cannot be decoded is left alone
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := string(body)
		e, err := ParseEnvelope(body)
		if err != nil && string(body) != before {
			t.Errorf("%s became %s", before, body)
		}
		if err == nil && e.Data == nil {
			t.Error("no data and no error")
		}
	})
}

func TestDecodeBase64InPlace(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"padded", `"aGVsbG8gd29ybGQ="`, "hello world"},
		{"not padded", `"aGVsbG8gd29ybGQ"`, "hello world"},
		{"URL alphabet", `"_-_-"`, "\xff\xef\xfe"},
		{"standard alphabet", `"/+/+"`, "\xff\xef\xfe"},
		{"escaped", `"\/+\/+"`, "\xff\xef\xfe"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := decodeBase64([]byte(tc.text)); err != nil || string(got) != tc.want {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}
