package eetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// NewMetadataServer starts a stand-in for Google Cloud's metadata server, which
// gives credentials to workloads without a key file: point GCE_METADATA_HOST at
// its listener's address. It knows its project, and tokens of the service account
// eeexport@{project}.iam.gserviceaccount.com, which s accepts if they have Earth
// Engine's scope. The caller closes it. NewMetadataServer panics if it cannot
// listen.
//
// Google's metadata library caches the project for the life of the process, so a
// process that uses two of these may see the first one's project in both.
func NewMetadataServer(s *Server, project string) *httptest.Server {
	mux := http.NewServeMux()
	// Libraries call this to find out whether they run on Google Cloud.
	mux.HandleFunc("GET /{$}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /computeMetadata/v1/project/project-id", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, project)
	})
	mux.HandleFunc("GET /computeMetadata/v1/instance/service-accounts/default/token", func(w http.ResponseWriter, r *http.Request) {
		scopes := []string{cloudPlatform, Scope} // Cloud Run's
		if asked := r.FormValue("scopes"); asked != "" {
			scopes = strings.Split(asked, ",")
		}
		writeJSON(w, http.StatusOK, s.issuer.newToken(accountOf(project), scopes))
	})
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		mux.ServeHTTP(w, r)
	}))
}
