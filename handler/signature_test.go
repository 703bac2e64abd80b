package handler_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"example.com/eeexport/handler/handlertest"
)

// TestWebhookSignatures tests what the door does with signatures. Package webhook
// tests which are valid.
func TestWebhookSignatures(t *testing.T) {
	key := func(fill byte) string {
		return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 24))
	}
	d := handlertest.Deploy(t, map[string]string{"WEBHOOK_SECRET": key(1) + "  " + key(2), "FAILURES_TOPIC": ""})
	body := handlertest.Fields{}.Body()
	now := time.Now()
	sign := func(secret string, at time.Time, body []byte) []string {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := w.Sign("msg_1", at, body)
		if err != nil {
			t.Fatal(err)
		}
		return []string{"webhook-id", "msg_1", "webhook-timestamp", fmt.Sprint(at.Unix()), "webhook-signature", signature}
	}
	good := sign(key(1), now, body)
	for _, tc := range []struct {
		name    string
		body    []byte
		headers []string
		code    int
	}{
		{"the first secret", body, good, 200},
		{"the second secret, while rotating", body, sign(key(2), now, body), 200},
		{"another secret", body, sign(key(3), now, body), 401},
		{"another body", handlertest.Fields{"priority": "1"}.Body(), good, 401},
		{"no signature", body, nil, 401},
		{"no signature, and no JSON: the signature goes first", []byte("{"), nil, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := d.Counts()
			answer := d.HTTP.Post(t, "/", tc.body, tc.headers...)
			if answer.Code != tc.code || tc.code == 401 && (answer.Error().Status != "UNAUTHENTICATED" || d.Counts() != before) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
	t.Run("a webhook that is sent again reaches one Operation", func(t *testing.T) {
		later := sign(key(2), now.Add(time.Minute), body)
		if a, b := d.HTTP.Post(t, "/", body, good...), d.HTTP.Post(t, "/", body, later...); a.Name() == "" || a.Name() != b.Name() {
			t.Errorf("%s and %s", a.Name(), b.Name())
		}
	})
	t.Run("an unsigned request gets the same answer at every path", func(t *testing.T) {
		if answer := d.HTTP.Post(t, "/v9/projects/x/classifier:export?validateOnly=x", body); answer.Code != 401 {
			t.Errorf("%d", answer.Code)
		}
	})
	t.Run("events need none", func(t *testing.T) {
		if answer := d.Event.Deliver(t, handlertest.Message{ID: "1", Data: body}); !answer.Acknowledged() {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	if log := d.HTTP.Log(); strings.Contains(log, "whsec_") || strings.Contains(log, good[5]) {
		t.Error("a secret or a signature is in the log")
	}
}
