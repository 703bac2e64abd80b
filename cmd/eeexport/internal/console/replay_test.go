package console

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatCanBeReplayed(t *testing.T) {
	const request = `{"expression": {"n": 1.0e400}, "data": 7}`
	for _, tc := range []struct{ name, in, want string }{
		{"a request, byte for byte", request, request + " map[]"},
		{"a request without an expression", `{"project": "projects/p"}`, `{"project": "projects/p"} map[]`},
		{"a message as Pub/Sub pushes it", `{"message":{"data":"aGk=","attributes":{"a":"b"},"messageId":"1"},"subscription":"s","deliveryAttempt":5}`, "hi map[a:b]"},
		{"messages as gcloud prints them", `[{"ackId":"x","message":{"data":"aGk=","attributes":null}},{"ackId":"y","message":{"data":"aG8="}}]`, "hi map[]|ho map[]"},
		{"a bare message", `{"data":"aGk=","attributes":{"a":"b"}}`, "hi map[a:b]"},
		{"several, one after the other", "{\"data\":\"aGk=\"}\n" + request + "\n", "hi map[]|" + request + " map[]"},
		{"nothing", " ", "error"},
		{"no JSON", "{", "error"},
		{"data that is not base64", `{"data":"?"}`, "error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			messages, err := parseMessages([]byte(tc.in))
			var got []string
			for _, m := range messages {
				got = append(got, fmt.Sprintf("%s %v", m.Data, m.Attributes))
			}
			if err != nil {
				got = []string{"error"}
			}
			if strings.Join(got, "|") != tc.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
