// Package webhook verifies Standard Webhooks signatures while the body arrives
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
//
//	v, err := secrets.Begin(r.Header, time.Now()) // before a byte of the body is read
//	…
//	_, err = io.Copy(io.MultiWriter(&body, v), r.Body)
//	…
//	err = v.Verify()
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// minSecretBytes is the least that the specification allows.
	minSecretBytes = 24
	// tolerance is how far a webhook's timestamp may be from now.
	tolerance = 5 * time.Minute
)

// The errors of a signature. They quote nothing, since the sender wrote the
// headers.
var (
	ErrHeaders   = errors.New("the headers webhook-id, webhook-timestamp and webhook-signature are required")
	ErrTimestamp = errors.New("the webhook's timestamp is more than five minutes from now")
	ErrSignature = errors.New("the webhook's signature does not match")
)

// Secrets are the keys that may make a signature; there are several while secrets
// are rotated. If there are none, no signature is required.
type Secrets [][]byte

// ParseSecrets reads whsec_… secrets separated by spaces. Its error quotes
// nothing.
func ParseSecrets(s string) (Secrets, error) {
	var secrets Secrets
	for _, secret := range strings.Fields(s) {
		encoded, ok := strings.CutPrefix(secret, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minSecretBytes {
			return nil, errors.New("each secret must be whsec_ and at least 24 bytes in base64")
		}
		secrets = append(secrets, key)
	}
	if s != "" && len(secrets) == 0 {
		return nil, errors.New("is set but holds no secret")
	}
	return secrets, nil
}

// Verifier checks one webhook. Write the body to it, then call Verify.
type Verifier struct {
	// ID is the webhook-id, and Time the webhook-timestamp.
	ID   string
	Time time.Time

	signatures []string
	macs       []hash.Hash
}

// Begin checks what it can without the body: that the headers are there and the
// timestamp is within five minutes of now. The error is [ErrHeaders] or
// [ErrTimestamp].
func (s Secrets) Begin(h http.Header, now time.Time) (*Verifier, error) {
	id, timestamp := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp")
	signatures := strings.Fields(h.Get("Webhook-Signature"))
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil || len(signatures) == 0 {
		return nil, ErrHeaders
	}
	if seconds < now.Add(-tolerance).Unix() || seconds > now.Add(tolerance).Unix() {
		return nil, ErrTimestamp
	}
	v := &Verifier{ID: id, Time: time.Unix(seconds, 0).UTC(), signatures: signatures}
	for _, key := range s {
		mac := hmac.New(sha256.New, key)
		// Writing to a hash never fails.
		_, _ = mac.Write([]byte(id + "." + timestamp + "."))
		v.macs = append(v.macs, mac)
	}
	return v, nil
}

// Write takes a part of the body. It never fails.
func (v *Verifier) Write(body []byte) (int, error) {
	for _, mac := range v.macs {
		_, _ = mac.Write(body)
	}
	return len(body), nil
}

// Verify returns nil if any secret made any of the signatures, which it compares
// in constant time. The error is [ErrSignature].
func (v *Verifier) Verify() error {
	for _, mac := range v.macs {
		sum := mac.Sum(nil)
		for _, signature := range v.signatures {
			encoded, ok := strings.CutPrefix(signature, "v1,")
			given, err := base64.StdEncoding.DecodeString(encoded)
			if ok && err == nil && hmac.Equal(given, sum) {
				return nil
			}
		}
	}
	return ErrSignature
}
