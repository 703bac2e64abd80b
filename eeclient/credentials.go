package eeclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
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
	// TokenSource gives bearer tokens with [Scope]. [New] caches them, and asks
	// again when Earth Engine does not accept one any more.
	TokenSource oauth2.TokenSource
	// ProjectID is the project that the credentials belong to; "" if they do
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
// It reads a file or asks the metadata server, and fails if there are none.
func FindCredentials(ctx context.Context) (*Credentials, error) {
	found, err := findDefault(ctx)
	if err != nil {
		return nil, fmt.Errorf("eeclient: find Application Default Credentials: %w", err)
	}
	creds := &Credentials{
		TokenSource:  defaultTokens{},
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

// findDefault finds the credentials. Their token source keeps the context, and
// the client in it, for good.
func findDefault(ctx context.Context) (*google.Credentials, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
	return google.FindDefaultCredentials(ctx, Scope)
}

// defaultTokens is the token source of Application Default Credentials without
// the cache that golang.org/x/oauth2 puts before it, which would hand out a
// revoked token for an hour. It finds the credentials anew each time, so that a
// key that was replaced is read, too.
type defaultTokens struct{}

// Token implements [oauth2.TokenSource].
func (defaultTokens) Token() (*oauth2.Token, error) {
	found, err := findDefault(context.Background())
	if err != nil {
		return nil, err
	}
	return found.TokenSource.Token()
}
