package webhook

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func secret(fill byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 24))
}

// TestTheReferenceLibrarysSignaturesAreVerified also gives the body in parts.
func TestTheReferenceLibrarysSignaturesAreVerified(t *testing.T) {
	now := time.Unix(1_795_420_800, 0)
	body := bytes.Repeat([]byte("body"), 1000)
	sign := func(key string, at time.Time) http.Header {
		w, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := w.Sign("msg_1", at, body)
		if err != nil {
			t.Fatal(err)
		}
		return http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature}}
	}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	good := sign(secret(1), now)
	for _, tc := range []struct {
		name string
		h    http.Header
		want error
	}{
		{"the first secret", good, nil},
		{"the second secret", sign(secret(2), now), nil},
		{"among other signatures", with(good, "Webhook-Signature", "v1,AAAA v1a,B "+good.Get("Webhook-Signature")), nil},
		{"five minutes old", sign(secret(1), now.Add(-5*time.Minute)), nil},
		{"older", sign(secret(1), now.Add(-5*time.Minute-time.Second)), ErrTimestamp},
		{"too early", sign(secret(1), now.Add(5*time.Minute+time.Second)), ErrTimestamp},
		{"another secret", sign(secret(3), now), ErrSignature},
		{"another ID", with(good, "Webhook-Id", "msg_2"), ErrSignature},
		{"another time", with(good, "Webhook-Timestamp", strconv.FormatInt(now.Unix()-1, 10)), ErrSignature},
		{"a time beyond time", with(good, "Webhook-Timestamp", "9223372036854775807"), ErrTimestamp},
		{"a time in words", with(good, "Webhook-Timestamp", "now"), ErrHeaders},
		{"no signature", with(good, "Webhook-Signature", " "), ErrHeaders},
		{"no headers", nil, ErrHeaders},
	} {
		t.Run(tc.name, func(t *testing.T) {
			secrets, err := ParseSecrets(secret(1) + " " + secret(2))
			if err != nil {
				t.Fatal(err)
			}
			v, err := secrets.Begin(tc.h, now)
			if err == nil {
				_, _ = v.Write(body[:7])
				_, _ = v.Write(body[7:])
				err = v.Verify()
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}

func TestParseSecrets(t *testing.T) {
	for in, ok := range map[string]bool{
		"": true, secret(1): true, secret(1) + "  " + secret(2): true,
		" ": false, "whsec_": false, "whsec_AAAA": false, "x" + secret(1): false, secret(1) + " whsec_*": false,
	} {
		if _, err := ParseSecrets(in); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
}
