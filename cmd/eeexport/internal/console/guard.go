package console

import (
	"mime"
	"net"
	"net/http"
	"strconv"
)

// guard lets in who is on this machine and, where it is a browser, looks at this
// page. A page of somebody else's, open in the same browser, can send requests
// here too: under a name of its own that it has made to point at 127.0.0.1 (DNS
// rebinding), which Host shows, or as what a form or a script sends across
// origins, which Origin and Sec-Fetch-Site show.
func guard(port int, next http.Handler) http.Handler {
	hosts := map[string]bool{}
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		hosts[net.JoinHostPort(name, strconv.Itoa(port))] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		switch {
		case !hosts[r.Host]:
			http.Error(w, "this page is at a name of the loopback interface only", http.StatusMisdirectedRequest)
		case !sameOrigin(r):
			http.Error(w, "requests from other pages are refused", http.StatusForbidden)
		case r.Method == http.MethodPost && !isJSON(r):
			// A form cannot send this type, and a script must ask before it does.
			http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// sameOrigin tells whether a request comes from this page, or is somebody's who
// opens it. What changes something must name its origin.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin != "" && origin != "http://"+r.Host {
		return false
	}
	if r.Method != http.MethodGet {
		return origin != ""
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin": // "": no browser of today
		return true
	}
	// A link to the page is harmless.
	return r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

func isJSON(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}
