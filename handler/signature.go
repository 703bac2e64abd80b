package handler

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// minSecretBytes is the least that the specification lets a secret have
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
const minSecretBytes = 24

// webhookSecrets verify Standard Webhooks signatures; there are several while
// secrets are being rotated. None demand no signature.
type webhookSecrets []*standardwebhooks.Webhook

// parseWebhookSecrets reads whsec_… secrets with spaces between them. Its error
// quotes nothing.
func parseWebhookSecrets(s string) (secrets webhookSecrets, err error) {
	for _, secret := range strings.Fields(s) {
		encoded, ok := strings.CutPrefix(secret, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minSecretBytes {
			return nil, errors.New("each secret must be whsec_ and at least 24 bytes in base64")
		}
		webhook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, webhook)
	}
	if s != "" && len(secrets) == 0 {
		return nil, errors.New("set, but without a secret")
	}
	return secrets, nil
}

// verify checks the signature over the body as it arrived: by any of the
// secrets, in constant time, no more than five minutes old. It tells whether
// one was demanded and is good.
func (s webhookSecrets) verify(h http.Header, body []byte) (verified bool, out *Outcome) {
	if len(s) == 0 {
		return false, nil
	}
	var err error
	for _, webhook := range s {
		if err = webhook.Verify(body, h); err == nil {
			return true, nil
		}
	}
	// Why it is wrong helps those who sign, and nobody else: it is about
	// headers that they sent.
	reason := "the webhook's signature does not match"
	switch {
	case errors.Is(err, standardwebhooks.ErrRequiredHeaders), errors.Is(err, standardwebhooks.ErrInvalidHeaders):
		reason = "the headers webhook-id, webhook-timestamp and webhook-signature are required"
	case errors.Is(err, standardwebhooks.ErrMessageTooOld), errors.Is(err, standardwebhooks.ErrMessageTooNew):
		reason = "the webhook's timestamp is more than five minutes away"
	}
	return false, &Outcome{Kind: Unauthenticated, Reason: "INVALID_SIGNATURE", Message: reason}
}
