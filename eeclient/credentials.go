package eeclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// tokenTimeout is how long an access token is waited for. A token endpoint that
// hangs once must not hold up all calls after it.
const tokenTimeout = 10 * time.Second

// Credentials are who calls Earth Engine.
type Credentials struct {
	// TokenSource gives bearer tokens with [Scope].
	TokenSource oauth2.TokenSource
	// ProjectID is the project that the credentials belong to; "" where they do
	// not say.
	ProjectID string
	// QuotaProject is billed for quota; "" for the credentials' own.
	QuotaProject string
}

// FindCredentials finds Application Default Credentials in the order of
// [google.FindDefaultCredentials]: GOOGLE_APPLICATION_CREDENTIALS, gcloud's
// own file, the metadata server.
//
// The project that is billed for quota is GOOGLE_CLOUD_QUOTA_PROJECT, or the
// quota_project_id that gcloud writes into a user's credentials: with those,
// Earth Engine refuses calls that name none. A service account needs none.
//
// It reads a file or asks the metadata server, and fails where there are none.
func FindCredentials(ctx context.Context) (*Credentials, error) {
	// The token source keeps this context and the client in it for good.
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
	found, err := google.FindDefaultCredentials(ctx, Scope)
	if err != nil {
		return nil, fmt.Errorf("eeclient: find Application Default Credentials: %w", err)
	}
	creds := &Credentials{
		TokenSource:  found.TokenSource,
		ProjectID:    found.ProjectID,
		QuotaProject: os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT"),
	}
	if creds.ProjectID == "" && metadata.OnGCEWithContext(ctx) {
		// A user's credentials name no project, but the machine may have one.
		creds.ProjectID, _ = metadata.ProjectIDWithContext(ctx)
	}
	if creds.QuotaProject == "" && len(found.JSON) > 0 {
		var file struct {
			QuotaProject string `json:"quota_project_id"`
		}
		if json.Unmarshal(found.JSON, &file) == nil {
			creds.QuotaProject = file.QuotaProject
		}
	}
	return creds, nil
}

// tokenCache keeps the current token where a call can read it without a lock,
// and makes waiting for a new one end with the call's deadline, which
// [oauth2.TokenSource] cannot.
type tokenCache struct {
	current atomic.Pointer[oauth2.Token]

	mu      sync.Mutex
	source  oauth2.TokenSource
	pending *tokenFetch // the fetch under way, if any
}

type tokenFetch struct {
	done  chan struct{}
	token *oauth2.Token
	err   error
}

func newTokenCache(source oauth2.TokenSource) *tokenCache {
	return &tokenCache{source: source}
}

// token returns a token that is valid now. Calls that find none share one
// fetch.
func (c *tokenCache) token(ctx context.Context) (*oauth2.Token, error) {
	if t := c.current.Load(); t.Valid() {
		return t, nil
	}
	c.mu.Lock()
	fetch := c.pending
	if fetch == nil {
		fetch = &tokenFetch{done: make(chan struct{})}
		c.pending = fetch
		go c.fetch(fetch)
	}
	c.mu.Unlock()
	select {
	case <-fetch.done:
		return fetch.token, fetch.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *tokenCache) fetch(f *tokenFetch) {
	f.token, f.err = c.source.Token()
	if f.err == nil {
		c.current.Store(f.token)
	}
	c.mu.Lock()
	c.pending = nil
	c.mu.Unlock()
	close(f.done)
}
