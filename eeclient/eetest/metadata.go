package eetest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MetadataServer is a stand-in for Google Cloud's metadata server, which gives
// credentials to workloads without a key file. Point GCE_METADATA_HOST at its
// Host. It refuses requests without the header Metadata-Flavor: Google, as the
// real one does, and knows one service account,
// eeexport@{project}.iam.gserviceaccount.com, also called default.
//
// Google's metadata library caches the project for the life of the process, so a
// process that uses two of these may see the first one's project in both.
type MetadataServer struct {
	project  string
	account  string
	issuer   *issuer
	listener net.Listener
	http     *http.Server
}

// NewMetadataServer starts the metadata server of a project. s accepts its tokens
// that have Earth Engine's scope, and closes it. It panics if it cannot listen.
func NewMetadataServer(s *Server, project string) *MetadataServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("eetest: " + err.Error())
	}
	m := &MetadataServer{
		project:  project,
		account:  s.issuer.addAccount(project),
		issuer:   s.issuer,
		listener: listener,
	}
	m.http = &http.Server{Handler: http.HandlerFunc(m.serve), ReadHeaderTimeout: 30 * time.Second}
	go m.http.Serve(listener)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metadata = append(s.metadata, m)
	return m
}

// Host returns the host:port that the server listens on: the value for
// GCE_METADATA_HOST.
func (m *MetadataServer) Host() string { return m.listener.Addr().String() }

// Close stops the server.
func (m *MetadataServer) Close() { m.http.Close() }

func (m *MetadataServer) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Metadata-Flavor", "Google")
	w.Header().Set("Server", "Metadata Server for VM")
	if r.URL.Path == "/" {
		// Libraries ask this to find out whether they run on Google Cloud.
		m.text(w, "computeMetadata/\n")
		return
	}
	if r.Header.Get("Metadata-Flavor") != "Google" || r.Header.Get("X-Forwarded-For") != "" {
		http.Error(w, "Missing Metadata-Flavor:Google header.", http.StatusForbidden)
		return
	}
	key, ok := strings.CutPrefix(r.URL.Path, "/computeMetadata/v1/")
	if !ok || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	if account, ok := strings.CutPrefix(key, "instance/service-accounts/"); ok {
		m.serveAccount(w, r, account)
		return
	}
	switch key {
	case "project/project-id":
		m.text(w, m.project)
	case "project/numeric-project-id":
		m.text(w, strconv.Itoa(firstNumber))
	case "instance/id":
		m.text(w, "1000000000000000001")
	case "instance/region":
		m.text(w, fmt.Sprintf("projects/%d/regions/us-central1", firstNumber))
	case "instance/zone":
		m.text(w, fmt.Sprintf("projects/%d/zones/us-central1-a", firstNumber))
	default:
		// Without universe/universe-domain, the universe is googleapis.com.
		http.NotFound(w, r)
	}
}

// serveAccount serves what is below instance/service-accounts/.
func (m *MetadataServer) serveAccount(w http.ResponseWriter, r *http.Request, path string) {
	// These are Cloud Run's scopes; a request for a token may name others.
	scopes := []string{cloudPlatform, Scope}
	if path == "" {
		m.text(w, "default/\n"+m.account+"/\n")
		return
	}
	name, field, _ := strings.Cut(path, "/")
	if name != "default" && name != m.account {
		http.NotFound(w, r)
		return
	}
	switch field {
	case "":
		writeJSON(w, http.StatusOK, map[string]any{"aliases": []string{"default"}, "email": m.account, "scopes": scopes})
	case "email":
		m.text(w, m.account)
	case "aliases":
		m.text(w, "default\n")
	case "scopes":
		m.text(w, strings.Join(scopes, "\n")+"\n")
	case "token":
		if asked := r.FormValue("scopes"); asked != "" {
			scopes = slices.DeleteFunc(strings.Split(asked, ","), func(s string) bool { return s == "" })
		}
		writeJSON(w, http.StatusOK, m.issuer.newToken(m.account, scopes))
	case "identity":
		audience := r.FormValue("audience")
		if audience == "" {
			http.Error(w, "non-empty audience parameter required", http.StatusBadRequest)
			return
		}
		now := time.Now()
		c := claims{Issuer: "https://accounts.google.com", Audience: audience, Subject: "100000000000000000001",
			IssuedAt: now.Unix(), Expires: now.Add(tokenLifetime).Unix()}
		if r.FormValue("format") == "full" {
			c.Email, c.EmailVerified = m.account, true
		}
		m.text(w, m.issuer.sign(c))
	default:
		http.NotFound(w, r)
	}
}

func (m *MetadataServer) text(w http.ResponseWriter, s string) {
	w.Header().Set("Content-Type", "application/text")
	w.Write([]byte(s))
}
