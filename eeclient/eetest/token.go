package eetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	tokenPath     = "/token" // where Google's is too: https://oauth2.googleapis.com/token
	tokenLifetime = time.Hour
)

// ServiceAccountKey returns the JSON of a key file for the service account
// eeexport@{project}.iam.gserviceaccount.com, for GOOGLE_APPLICATION_CREDENTIALS.
// Its token_uri is an OAuth endpoint of the Server, which answers an assertion with
// a bearer token for the account and the scopes that it names. The Server accepts
// the token if it has Earth Engine's scope.
func (s *Server) ServiceAccountKey(project string) []byte {
	return marshal(map[string]string{
		"type":            "service_account",
		"project_id":      project,
		"private_key_id":  "1",
		"private_key":     privateKey(),
		"client_email":    accountOf(project),
		"client_id":       "100000000000000000001",
		"auth_uri":        s.URL + "/auth",
		"token_uri":       s.URL + tokenPath,
		"universe_domain": "googleapis.com",
	})
}

// privateKey is the key of all accounts, in PEM: making one takes a moment, and
// most tests need none.
var privateKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("eetest: " + err.Error())
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // an RSA key can always be marshalled
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

func accountOf(project string) string { return "eeexport@" + project + ".iam.gserviceaccount.com" }

// TokensIssued returns the number of tokens issued, for key files and by metadata
// servers.
func (s *Server) TokensIssued() int {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	return len(s.issuer.grants)
}

// issuer issues tokens and knows their grants.
type issuer struct {
	mu     sync.Mutex
	grants map[string]grant
}

// grant is what a token stands for.
type grant struct {
	account string
	scopes  []string
	expires time.Time
}

// grant returns the grant of a token that was issued here.
func (i *issuer) grant(token string) (grant, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	g, ok := i.grants[token]
	return g, ok && time.Now().Before(g.expires)
}

// tokenAnswer is the answer of the token endpoint and the metadata server.
type tokenAnswer struct {
	AccessToken string  `json:"access_token"`
	ExpiresIn   float64 `json:"expires_in"` // seconds
	TokenType   string  `json:"token_type"`
}

// newToken issues a token.
func (i *issuer) newToken(account string, scopes []string) tokenAnswer {
	token := "ya29." + rand.Text()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.grants[token] = grant{account, scopes, time.Now().Add(tokenLifetime)}
	return tokenAnswer{token, tokenLifetime.Seconds(), "Bearer"}
}

// serveToken is the OAuth endpoint for the JWT bearer grant (RFC 7523). It does
// not verify the assertion.
func (i *issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	var claims struct {
		Issuer string `json:"iss"`
		Scope  string `json:"scope"`
	}
	_, rest, _ := strings.Cut(r.FormValue("assertion"), ".")
	part, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "Assertion is not a JWT."})
		return
	}
	writeJSON(w, http.StatusOK, i.newToken(claims.Issuer, strings.Fields(claims.Scope)))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	w.Write(marshal(v))
}
