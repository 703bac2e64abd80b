package local

import (
	"net"
	"net/http"
)

// Guard lets in programs of this machine, and a browser only for a page of the
// same address. Somebody else's page, open in the same browser, can send
// requests to the loopback interface too: under a name of its own that it has
// made to point there (DNS rebinding), which Host shows, or across origins,
// which Origin and Sec-Fetch-Site show.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopbackHost(r):
			writeError(w, http.StatusMisdirectedRequest, "INVALID_ARGUMENT", "this server is reached by a name of the loopback interface only")
		case !sameOrigin(r):
			writeError(w, http.StatusForbidden, "PERMISSION_DENIED", "requests from other web pages are refused")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopbackHost reports whether the request names the loopback interface, directly
// or as it is called inside a container: names that nobody can make point
// elsewhere. The port may be another: that of a proxy before this one.
func loopbackHost(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return false
	}
	switch host {
	case "localhost", "host.docker.internal", "host.containers.internal":
		return true
	}
	return net.ParseIP(host).IsLoopback()
}

// sameOrigin reports whether the request comes from no page, or from one of the
// same address.
func sameOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin": // "" is not a current browser
		return true
	}
	// A link to the front page is harmless.
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}
