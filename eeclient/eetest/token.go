package eetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	tokenPath     = "/token" // where Google's is too: https://oauth2.googleapis.com/token
	tokenLifetime = time.Hour
	jwtGrant      = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// ServiceAccountKey returns the JSON of a key file for the service account
// eeexport@{project}.iam.gserviceaccount.com, for GOOGLE_APPLICATION_CREDENTIALS.
// Its token_uri is an OAuth endpoint of the Server, which checks the signature,
// issuer, audience and times of an assertion, and answers with a bearer token. The
// Server accepts the token if it has Earth Engine's scope.
func (s *Server) ServiceAccountKey(project string) []byte {
	key := s.issuer.privateKey()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // an RSA key can always be marshalled
	}
	email := s.issuer.addAccount(project)
	return marshal(map[string]string{
		"type":            "service_account",
		"project_id":      project,
		"private_key_id":  s.issuer.keyID(),
		"private_key":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":    email,
		"client_id":       "100000000000000000001",
		"auth_uri":        s.URL + "/auth",
		"token_uri":       s.issuer.tokenURI,
		"universe_domain": "googleapis.com",
	})
}

// TokensIssued returns the number of tokens issued, for key files and by metadata
// servers.
func (s *Server) TokensIssued() int {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	return len(s.issuer.grants)
}

// issuer issues tokens and knows their grants.
type issuer struct {
	tokenURI string

	// Making the key takes a moment, and most tests need none.
	keyOnce sync.Once
	key     *rsa.PrivateKey

	mu       sync.Mutex
	accounts []string
	grants   map[string]grant
}

// grant is what a token stands for.
type grant struct {
	account string
	scopes  []string
	expires time.Time
}

func newIssuer(tokenURI string) *issuer {
	return &issuer{tokenURI: tokenURI, grants: make(map[string]grant)}
}

func (i *issuer) privateKey() *rsa.PrivateKey {
	i.keyOnce.Do(func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("eetest: " + err.Error())
		}
		i.key = key
	})
	return i.key
}

func (i *issuer) keyID() string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&i.privateKey().PublicKey))
	return fmt.Sprintf("%x", sum[:20])
}

func accountOf(project string) string { return "eeexport@" + project + ".iam.gserviceaccount.com" }

func (i *issuer) addAccount(project string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	email := accountOf(project)
	if !slices.Contains(i.accounts, email) {
		i.accounts = append(i.accounts, email)
	}
	return email
}

// issue makes a token.
func (i *issuer) issue(account string, scopes []string) string {
	token := "ya29." + rand.Text()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.grants[token] = grant{account, scopes, time.Now().Add(tokenLifetime)}
	return token
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
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	TokenType   string `json:"token_type"`
}

func (i *issuer) newToken(account string, scopes []string) tokenAnswer {
	return tokenAnswer{i.issue(account, scopes), int(tokenLifetime.Seconds()), "Bearer"}
}

// serveToken is the OAuth endpoint for the JWT bearer grant (RFC 7523).
func (i *issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code, description string) {
		writeJSON(w, status, map[string]string{"error": code, "error_description": description})
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(http.StatusMethodNotAllowed, "invalid_request", "The token endpoint takes POST.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if r.PostFormValue("grant_type") != jwtGrant {
		refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: "+r.PostFormValue("grant_type"))
		return
	}
	c, wrong := i.verify(r.PostFormValue("assertion"), time.Now())
	if wrong != "" {
		refuse(http.StatusBadRequest, "invalid_grant", wrong)
		return
	}
	scopes := strings.Fields(c.Scope)
	if len(scopes) == 0 {
		refuse(http.StatusBadRequest, "invalid_scope", "No scope was asked for.")
		return
	}
	writeJSON(w, http.StatusOK, i.newToken(c.Issuer, scopes))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	w.Write(marshal(v))
}
