package eetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// claims are those of an assertion, and of an ID token.
type claims struct {
	Issuer        string `json:"iss"`
	Audience      string `json:"aud"`
	Subject       string `json:"sub,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
	Scope         string `json:"scope,omitempty"`
	IssuedAt      int64  `json:"iat"`
	Expires       int64  `json:"exp"`
}

type jwtHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid,omitempty"`
}

// verify checks an assertion as Google does: it must be signed by the account's
// key, for this endpoint, and for at most an hour. It returns what is wrong, or
// "".
func (i *issuer) verify(assertion string, now time.Time) (c claims, wrong string) {
	signed, signature, ok := cutLast(assertion, ".")
	head, payload, ok2 := strings.Cut(signed, ".")
	if !ok || !ok2 {
		return c, "Assertion is not a JWT."
	}
	var h jwtHeader
	if decodePart(head, &h) != nil || decodePart(payload, &c) != nil {
		return c, "Assertion is not a JWT."
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || h.Algorithm != "RS256" ||
		rsa.VerifyPKCS1v15(&i.privateKey().PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return c, "Invalid JWT Signature."
	}
	i.mu.Lock()
	known := slices.Contains(i.accounts, c.Issuer)
	i.mu.Unlock()
	const skew = 5 * time.Minute
	issued, expires := time.Unix(c.IssuedAt, 0), time.Unix(c.Expires, 0)
	switch {
	case !known:
		return c, "Invalid grant: account not found"
	case c.Audience != i.tokenURI:
		return c, "Invalid JWT: Failed audience check."
	case now.After(expires.Add(skew)) || now.Before(issued.Add(-skew)) || expires.Sub(issued) > tokenLifetime+skew:
		return c, "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."
	}
	return c, ""
}

// sign makes a JWT.
func (i *issuer) sign(c claims) string {
	signed := encodePart(jwtHeader{"RS256", "JWT", i.keyID()}) + "." + encodePart(c)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, i.privateKey(), crypto.SHA256, sum[:])
	if err != nil {
		panic("eetest: " + err.Error())
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func encodePart(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers go in
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodePart(part string, into any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
