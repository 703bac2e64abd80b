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

// tokenTimeout bounds one request for an access token, so that a token endpoint
// that hangs once does not hold up later calls.
const tokenTimeout = 10 * time.Second

// Credentials identify the caller to Earth Engine.
type Credentials struct {
	// TokenSource returns bearer tokens with [Scope]. The Client caches them, and
	// asks for a new one when Earth Engine no longer accepts the last.
	TokenSource oauth2.TokenSource
	// ProjectID is the project that the credentials belong to; "" if they do
	// not say.
	ProjectID string
	// QuotaProject is charged for quota; "" for the credentials' own project.
	QuotaProject string
}

// FindCredentials finds Application Default Credentials in the order of
// [google.FindDefaultCredentials]: GOOGLE_APPLICATION_CREDENTIALS, gcloud's
// own file, the metadata server.
//
// The quota project is GOOGLE_CLOUD_QUOTA_PROJECT, or the quota_project_id that
// gcloud writes into a user's credentials. Earth Engine refuses calls with a
// user's credentials that name no quota project; a service account needs none.
//
// FindCredentials reads a file or asks the metadata server, and fails if it
// finds no credentials.
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

// findDefault finds the credentials. Their token source keeps ctx.
func findDefault(ctx context.Context) (*google.Credentials, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
	return google.FindDefaultCredentials(ctx, Scope)
}

// defaultTokens is the token source of Application Default Credentials, without
// the cache of golang.org/x/oauth2, which would return a revoked token for an
// hour. It finds the credentials each time, and so notices a replaced key.
type defaultTokens struct{}

// Token implements [oauth2.TokenSource].
func (defaultTokens) Token() (*oauth2.Token, error) {
	found, err := findDefault(context.Background())
	if err != nil {
		return nil, err
	}
	return found.TokenSource.Token()
}
