package eeclient_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

// withKey makes a key file the Application Default Credentials.
func withKey(t *testing.T, key []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
}

// newAuthorized makes a client with Application Default Credentials.
func newAuthorized(t *testing.T, server *eetest.Server, opts ...eeclient.Option) *eeclient.Client {
	t.Helper()
	client, err := eeclient.New(t.Context(), append([]eeclient.Option{
		eeclient.WithEndpoint(server.URL), eeclient.WithSleeper(noPause)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		name    string
		project string
		set     func(*testing.T, *eetest.Server)
	}{
		{"a service account's key file", "key-project", func(t *testing.T, server *eetest.Server) {
			withKey(t, server.ServiceAccountKey("key-project"))
		}},
		{"the metadata server", "metadata-project", func(t *testing.T, server *eetest.Server) {
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
			t.Setenv("HOME", t.TempDir()) // which has no credentials of gcloud
			metadata := eetest.NewMetadataServer(server, "metadata-project")
			t.Cleanup(metadata.Close)
			t.Setenv("GCE_METADATA_HOST", metadata.Listener.Addr().String())
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := eetest.NewServer()
			defer server.Close()
			tc.set(t, server)
			creds, err := eeclient.FindCredentials(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if creds.ProjectID != tc.project {
				t.Errorf("project %q, want %q", creds.ProjectID, tc.project)
			}
			client := newAuthorized(t, server, eeclient.WithCredentials(creds))
			for range 3 {
				export(t, client, request())
			}
			if n := server.TokensIssued(); n != 1 {
				t.Errorf("%d tokens were fetched for 3 calls", n)
			}
		})
	}
}

func TestTheQuotaProjectIsNamed(t *testing.T) {
	server := eetest.NewServer()
	defer server.Close()
	key := bytes.Replace(server.ServiceAccountKey("p1"), []byte("{"), []byte(`{"quota_project_id":"quota-project",`), 1)
	withKey(t, key)
	export(t, newAuthorized(t, server), request())
	if got := server.Requests()[0].Header.Get("X-Goog-User-Project"); got != "quota-project" {
		t.Errorf("X-Goog-User-Project %q", got)
	}
}
