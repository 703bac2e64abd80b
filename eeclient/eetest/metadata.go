package eetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// MetadataServer is a stand-in for Google Cloud's metadata server, which gives
// credentials to workloads without a key file. Point GCE_METADATA_HOST at its
// Host. It knows its project, and the tokens of the service account
// eeexport@{project}.iam.gserviceaccount.com.
//
// Google's metadata library caches the project for the life of the process, so a
// process that uses two of these may see the first one's project in both.
type MetadataServer struct{ http *httptest.Server }

// NewMetadataServer starts the metadata server of a project. s accepts its tokens
// that have Earth Engine's scope, and closes it. It panics if it cannot listen.
func NewMetadataServer(s *Server, project string) *MetadataServer {
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
	m := &MetadataServer{httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		mux.ServeHTTP(w, r)
	}))}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metadata = append(s.metadata, m)
	return m
}

// Host returns the host:port that the server listens on: the value for
// GCE_METADATA_HOST.
func (m *MetadataServer) Host() string { return m.http.Listener.Addr().String() }

// Close stops the server.
func (m *MetadataServer) Close() {
	m.http.CloseClientConnections()
	m.http.Close()
}
